import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ParseError } from '../../src/core/errors.js';
import { renderCommand } from '../../src/core/remote-command.js';
import { hmcReaders } from '../../src/hmc/index.js';
import { diagrmc } from '../../src/hmc/diagrmc.js';
import { hmcLevel, hmcNetwork } from '../../src/hmc/lshmc.js';
import { isAtRest, migrations } from '../../src/hmc/lslparmigr.js';
import { dlparPartitions } from '../../src/hmc/lspartition.js';
import { dlparCapabilities, managedSystems, partitions } from '../../src/hmc/lssyscfg.js';
import { systemConnections } from '../../src/hmc/lssysconn.js';

interface Case {
  readonly origin: string;
  readonly fields?: readonly string[];
  readonly answer?: unknown;
  readonly error?: { readonly line: string };
}

const origins = ['reconstructed from a capture', 'vendor documentation', 'invented'];
const root = new URL('../fixtures/hmc/', import.meta.url);

it('has cases for every reader, and a reader for every folder of cases', () => {
  expect(readdirSync(root).sort()).toEqual(hmcReaders.map(({ id }) => id).sort());
});

describe.each(hmcReaders.map((reader) => [reader.id, reader] as const))('%s', (id, reader) => {
  const folder = new URL(`${id}/`, root);
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));

  it.each(files)('reads %s as its case says', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const expected = JSON.parse(readFileSync(new URL(file.replace(/txt$/, 'json'), folder), 'utf8')) as Case;
    expect(origins).toContain(expected.origin);
    const read = () => reader.read(text, expected.fields === undefined ? {} : { fields: expected.fields });
    if (expected.error === undefined) {
      expect(read()).toEqual(expected.answer);
      return;
    }
    const error = thrownBy(read);
    expect(error).toBeInstanceOf(ParseError);
    expect((error as ParseError).line).toBe(expected.error.line);
    if (error instanceof ParseError && error.line !== '') {
      expect(text.split(/\r?\n/)[error.lineNumber - 1]).toBe(error.line);
    }
  });
});

describe('the facts', () => {
  it('name every field that they ask for, and quote the system as one word', () => {
    expect(renderCommand(partitions("erp's system").command)).toBe(
      `lssyscfg -r lpar -m 'erp'\\''s system' -F lpar_id,name,state,rmc_state,rmc_ipaddr,os_version,lpar_env --header`,
    );
    expect(renderCommand(managedSystems.command)).toBe(
      'lssyscfg -r sys -F name,type_model,serial_num,state --header',
    );
    expect(renderCommand(dlparPartitions.command)).toBe('lspartition -dlpar');
    expect(renderCommand(dlparCapabilities('p9').command)).toBe(
      'lssyscfg -r lpar -m p9 -F lpar_id,dlpar_mem_capable,dlpar_proc_capable,dlpar_io_capable --header',
    );
    expect(renderCommand(migrations('p9').command)).toBe(
      'lslparmigr -r lpar -m p9 -F name,lpar_id,migration_state --header',
    );
    expect(renderCommand(systemConnections.command)).toBe('lssysconn -r all');
    expect([renderCommand(hmcLevel.command), renderCommand(hmcNetwork.command)]).toEqual([
      'lshmc -V',
      'lshmc -n',
    ]);
  });

  it('diagnose without repairing, one address and one LPAR at a time', () => {
    expect(renderCommand(diagrmc('p9', '10.20.0.31', 3).command)).toBe(
      'diagrmc -m p9 --ip 10.20.0.31 --id 3 -v',
    );
    expect(() => diagrmc('p9', 'erp1', 3)).toThrow(TypeError);
    expect(() => diagrmc('p9', '10.20.0.31', 0)).toThrow(TypeError);
    expect(() => diagrmc('p9', '10.20.0.31', 1.5)).toThrow(TypeError);
  });

  it('call an LPAR at rest only when the HMC says so in English', () => {
    expect(isAtRest({ migration_state: 'Not Migrating' })).toBe(true);
    expect(isAtRest({ migration_state: 'Migration In Progress' })).toBe(false);
    expect(isAtRest({ migration_state: 'Nie jest migrowana' })).toBe(false);
    expect(isAtRest({})).toBe(false);
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
