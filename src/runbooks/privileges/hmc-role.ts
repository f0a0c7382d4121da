/** The least that a login needs on an HMC, made from what is run there. Pure. */

/**
 * Operations of an HMC task role for each command that is run, by program and, where that matters, by a word among its
 * arguments. Their names are from task roles that an HMC printed (`lsaccfg -t taskrole`), as public programs that
 * parse and make such roles quote them. NOT PROVEN: that each command asks for this operation and for no other.
 */
const operations: readonly Operation[] = [
  { program: 'lssyscfg', word: 'lpar', resource: 'lpar', name: 'ListLPARProperty' },
  { program: 'lssyscfg', word: 'sys', resource: 'cec', name: 'ListCECProperty' },
  { program: 'lssysconn', resource: 'HMCConsole', name: 'ListConnections' },
  { program: 'lshmc', resource: 'HMCConsole', name: 'ListHMCConfiguration' },
  { program: 'chsysstate', word: 'rebuild', resource: 'cec', name: 'RebuildCEC', fix: 'hmc-rebuild-system' },
];

/** Programs of which no document names the operation; the predefined roles have it. */
export const withoutOperation: readonly string[] = ['lspartition', 'lslparmigr', 'diagrmc'];

interface Operation {
  readonly program: string;
  readonly word?: string;
  readonly resource: 'cec' | 'lpar' | 'HMCConsole';
  readonly name: string;
  /** Only this fix needs it. */
  readonly fix?: string;
}

/** Whether it is known what a command needs, or known that no document says it. */
export function isAccountedFor(program: string, args: readonly string[]): boolean {
  if (withoutOperation.includes(program)) return true;
  return operations.some(
    (one) => one.program === program && (one.word === undefined || args.includes(one.word)),
  );
}

/** The HMC commands, as a person with the role hmcsuperadmin types them, that make a role and a login for aixops. */
export function hmcRoleText(user: string): string {
  const [reads, all] = [operations.filter(({ fix }) => fix === undefined), operations];
  return `# A login for aixops on an HMC. Type this as a user with the task role hmcsuperadmin.
# Syntax: HMC manual pages mkaccfg, mkhmcusr and mkauthkeys. NOT PROVEN on an HMC: which operation each command asks for.
# Compare with: lsaccfg -t taskrole

# To read only, the predefined role is enough, and it is the one to begin with:
mkhmcusr -u ${user} -a hmcviewer -d "aixops, reads only"

# Less than that: a role of its own with what is read, and nothing else.
${makeRole(`${user}-read`, reads)}

# The same and hmc-rebuild-system (chsysstate -o rebuild -r sys).
${makeRole(`${user}-fix`, all)}

# Give the login one of them.
chhmcusr -u ${user} -t taskrole -v ${user}-read

# Of these no document names the operation: ${withoutOperation.join(', ')}. Where one is refused ("you do not have the
# authority"), aixops says so and calls what it did not read unknown: give the login hmcviewer for reading, and
# hmcoperator or hmcservicerep where hmc-autocorrect (diagrmc --autocorrect) is wanted.

# Logging in is by key alone: as that user, mkauthkeys --add '<public key>'. The password that mkhmcusr asks for is not
# used; make it long, and keep it from aixops.
`;
}

function makeRole(name: string, wanted: readonly Operation[]): string {
  const resources = [...new Set(wanted.map(({ resource }) => resource))].map((resource) => {
    const own = wanted.filter((one) => one.resource === resource).map((one) => one.name);
    return `${resource}:${own.sort().join('+')}`;
  });
  return `mkaccfg -t taskrole -i 'name=${name},parent=hmcsuperadmin,"resources=${resources.sort().join(',')}"'`;
}
