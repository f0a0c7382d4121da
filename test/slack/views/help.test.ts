import { describe, expect, it } from 'vitest';
import { commandErrorMessage } from '../../../src/slack/views/command-error.js';
import {
  commandHelpMessage,
  helpMessage,
  topicMessage,
  type HelpEntry,
} from '../../../src/slack/views/help.js';
import { findTopic } from '../../../commands/index.js';
import { findings } from '../../../src/runbooks/findings.js';
import { fixes } from '../../../src/runbooks/index.js';
import { checkMessage } from '../block-limits.js';

const entry: HelpEntry = {
  name: '/rmc-status',
  usage: '/rmc-status <targets>',
  summary: 'Is it up?',
  description: 'Reads both sides.',
  examples: ['/rmc-status lpar1'],
  explains: ['<targets> are names.'],
};

describe('help', () => {
  it('says in its text all that its blocks say', () => {
    const shown = helpMessage([entry], 'There is no command "rmc".');
    expect(shown.text).toContain('There is no command "rmc".');
    expect(shown.text).toContain('`/rmc-status &lt;targets&gt;`');
    expect(shown.text).toContain('Is it up?');
    expect(shown.text).toContain('mention me');
    checkMessage(shown);
  });

  it('on one command has usage, arguments and examples', () => {
    const shown = commandHelpMessage(entry);
    for (const part of [
      '&lt;targets&gt;',
      'Reads both sides.',
      '&lt;targets&gt; are names.',
      '`/rmc-status lpar1`',
    ])
      expect(shown.text).toContain(part);
    checkMessage(shown);
  });

  it('on a finding or a fix fits into a message, whichever it is', () => {
    for (const { id } of [...findings, ...fixes]) {
      const topic = findTopic(id);
      if (topic === null) throw new Error(`no words for ${id}`);
      const shown = topicMessage(topic);
      expect(shown.text).toContain(`\`${id}\``);
      // What stands between backticks is code, and none of them is shown as a look-alike.
      expect(shown.text).not.toContain('ˋ');
      checkMessage(shown);
    }
  });

  it('shows what is code as code, and lets nothing else in it mean anything', () => {
    const shown = topicMessage({
      id: 'x',
      summary: 's',
      description: 'd',
      details: ['type `ls <a>` & <!here>'],
    });
    expect(shown.text).toContain('• type `ls &lt;a&gt;` &amp; ');
    expect(shown.text).not.toContain('<!here>');
    checkMessage(shown);
  });

  it('keeps within Slack’s limits with fifty commands', () => {
    const many = Array.from({ length: 50 }, (_, i) => ({
      ...entry,
      name: `/c${i}`,
      summary: 'x'.repeat(200),
    }));
    checkMessage(helpMessage(many));
  });
});

describe('a mistake', () => {
  it('is shown with what was understood and what to type, and pings nobody', () => {
    const shown = commandErrorMessage({
      understood: '/rmc-status <!channel> `x` <@U1>',
      message: 'Unknown target "<!channel>". @here http://evil.example.com',
      hint: '/rmc-status <targets>',
    });
    expect(shown.text).toContain('Nothing was run.');
    expect(shown.text).toContain('Type: `/rmc-status &lt;targets&gt;`');
    checkMessage(shown);
  });

  it('of any length stays within Slack’s limits', () => {
    const long = '<&>'.repeat(5_000);
    checkMessage(commandErrorMessage({ understood: long, message: long, hint: long }));
  });
});
