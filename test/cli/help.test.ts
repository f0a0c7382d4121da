import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.js';
import { aixops, shell } from './aixops.js';

const names = ['check', 'demo', 'enrol', 'explain', 'manifest', 'plan', 'run', 'start'];

describe.concurrent('help', { timeout: 60_000 }, () => {
  it('lists every command; asked for it ends with 0, else with 64', async () => {
    const [asked, alone] = await Promise.all([aixops(['--help']), aixops([])]);
    expect([asked.code, asked.stderr, alone.code, alone.stderr]).toEqual([0, '', 64, '']);
    expect(alone.stdout).toBe(asked.stdout);
    for (const name of names) expect(asked.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(asked.stdout).toContain(
      'Nothing set up yet? aixops demo shows the whole product on this machine.',
    );
  });

  it.each(names)('of %s fits a terminal of 80 columns and ends with 0', async (name) => {
    const { code, stdout, stderr } = await aixops([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: aixops ${name} `));
    expect(stdout).toContain('\nExit status:\n  0   ');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('tells the version of the package', async () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    const { code, stdout } = await aixops(['--version']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
  });

  it.each([
    [['rnu', 'rmc'], "aixops: Unknown command 'rnu'. Did you mean run?\nSee aixops --help.\n"],
    [['--jsn'], "aixops: Unknown option '--jsn'.\nSee aixops --help.\n"],
  ])('guesses what was meant by %j', async (args, words) => {
    const { code, stdout, stderr } = await aixops(args);
    expect({ code, stdout, stderr }).toEqual({ code: 64, stdout: '', stderr: words });
  });
});

describe.concurrent('manifest', { timeout: 60_000 }, () => {
  interface Manifest {
    readonly features: {
      readonly slash_commands: readonly { readonly command: string; readonly url?: string }[];
    };
    readonly settings: { readonly socket_mode_enabled: boolean };
  }

  it('prints one JSON document with every slash command, for both modes', async () => {
    const [socket, http] = await Promise.all([
      aixops(['manifest']),
      aixops(['manifest', '--mode', 'http', '--url', 'https://bot.example.net']),
    ]);
    for (const { code, stdout, stderr } of [socket, http]) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const printed = JSON.parse(stdout) as Manifest;
      expect(printed.features.slash_commands.map(({ command }) => command)).toEqual(
        commands.map(({ name }) => name),
      );
    }
    expect((JSON.parse(socket.stdout) as Manifest).settings.socket_mode_enabled).toBe(true);
    const { features, settings } = JSON.parse(http.stdout) as Manifest;
    expect(settings.socket_mode_enabled).toBe(false);
    for (const { url } of features.slash_commands) expect(url).toBe('https://bot.example.net/slack/events');
  });

  it('explains itself, and has a second app with another name and without commands', async () => {
    const [explained, second] = await Promise.all([
      aixops(['manifest', '--explain']),
      aixops(['manifest', '--name', 'aixops staging', '--mentions-only']),
    ]);
    expect({ code: explained.code, stderr: explained.stderr }).toEqual({ code: 0, stderr: '' });
    expect(explained.stdout).toMatch(/^ {2}usergroups:read {5}Policy and inventory may name user groups/m);
    const { features } = JSON.parse(second.stdout) as { features: object };
    expect(features).toMatchObject({ bot_user: { display_name: 'aixops-staging' } });
    expect(features).not.toHaveProperty('slash_commands');
  });

  it('compares with what an app has', async () => {
    const line = (sed: string) =>
      `d=$(mktemp -d) && aixops manifest | sed '${sed}' >"$d/app.json" && aixops manifest --compare "$d/app.json"; s=$?; rm -r "$d"; exit $s`;
    const [same, older] = await Promise.all([shell(line('')), shell(line('s,"/changes","/change",'))]);
    expect(same).toEqual({ code: 0, stdout: 'The app has what this version needs.\n', stderr: '' });
    expect({ code: older.code, stderr: older.stderr }).toEqual({ code: 1, stderr: '' });
    expect(older.stdout).toContain('missing: the command /changes\ntoo much: the command /change\n');
    const yaml = await shell("echo 'a: b' | aixops manifest --compare /dev/stdin");
    expect({ code: yaml.code, stdout: yaml.stdout }).toEqual({ code: 64, stdout: '' });
    expect(yaml.stderr).toContain('is no JSON');
  });

  it.each([
    [['--compare', '/no/such/file'], '"/no/such/file" cannot be read'],
    [['--name', 'x'.repeat(36)], 'Slack takes names of 1 to 35 characters'],
    [['--mode', 'http'], '--mode http needs --url'],
    [['--mode', 'http', '--url', 'http://bot'], '--url "http://bot" must be an https address'],
    [['--mode', 'http', '--url', 'bot'], '--url "bot" must be an https address'],
    [['--url', 'https://bot'], '--url is for --mode http'],
    [['--mode', 'mail'], 'Allowed choices are socket, http.'],
  ])('refuses %j with 64', async (args, words) => {
    const { code, stdout, stderr } = await aixops(['manifest', ...args]);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(words);
  });
});

describe.concurrent('demo', { timeout: 60_000 }, () => {
  it.each(['x', '0', '65536'])('takes no %s for a port', async (port) => {
    const { code, stderr } = await aixops(['demo', '--port', port]);
    expect(code).toBe(64);
    expect(stderr).toBe(`aixops: "${port}" is no port: it is a number from 1 to 65535.\n`);
  });

  it('says that its port is taken, and which to try', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stderr } = await aixops(['demo', '--port', String(port)]).finally(() => other.close());
    expect(code).toBe(64);
    expect(stderr).toBe(
      `aixops: Port ${port} is taken by another program. Stop it, or choose another: aixops demo --port ${port + 1}.\n`,
    );
  });
});
