// SPDX-License-Identifier: Apache-2.0
// What is wrong between nodes, in one sentence that says why and what comes of it.
import type { Trouble } from '@/api/network';
import { defineTexts } from '@/texts';
import { formatDuration, formatNumber } from './format';

export const { texts, useTexts: useTroubleTexts } = defineTexts('trouble', {
  en: {
    closed: 'This node takes no commands: {{why}}',
    silentNever:
      '{{name}} has not been reached yet: its node does not run, or no way leads to it. It gets everything when it is there.',
    silent:
      '{{name}} has not been reached for {{time}}: its node is stopped, or cut off. It gets everything when it is back.',
    silentMissing_one:
      '{{name}} has not been reached for {{time}}: its node is stopped, or cut off. {{shown}} event waits for it.',
    silentMissing_other:
      '{{name}} has not been reached for {{time}}: its node is stopped, or cut off. {{shown}} events wait for it.',
    differs:
      '{{name}} shows something else of the same events. An administrator must compare both (liaison verify).',
    lacks_one: '{{shown}} event of {{name}} is missing here, for {{time}}: {{cause}}.',
    lacks_other: '{{shown}} events of {{name}} are missing here, for {{time}}: {{cause}}.',
    behind_one: '{{shown}} event of {{from}} is on its way to {{name}}.',
    behind_other: '{{shown}} events of {{from}} are on their way to {{name}}.',
    fetching: 'they are being fetched',
    noPeer: 'nobody who has them can be reached',
    stalled: 'who was asked does not deliver, another is asked',
    writing: 'they have come and wait for the disk',
    forked: 'two histories exist, an operator must choose one',
    refused: 'the disk does not take them',
    dropped: 'they have left the logs of those who had them',
  },
  de: {
    closed: 'Dieser Knoten nimmt keine Befehle an: {{why}}',
    silentNever:
      '{{name}} wurde noch nicht erreicht: der Knoten läuft nicht, oder kein Weg führt zu ihm. Er bekommt alles, sobald er da ist.',
    silent:
      '{{name}} ist seit {{time}} nicht erreichbar: der Knoten steht oder ist abgeschnitten. Er bekommt alles, sobald er zurück ist.',
    silentMissing_one:
      '{{name}} ist seit {{time}} nicht erreichbar: der Knoten steht oder ist abgeschnitten. {{shown}} Ereignis wartet auf ihn.',
    silentMissing_other:
      '{{name}} ist seit {{time}} nicht erreichbar: der Knoten steht oder ist abgeschnitten. {{shown}} Ereignisse warten auf ihn.',
    differs:
      '{{name}} zeigt etwas anderes aus denselben Ereignissen. Die Verwaltung muss beide vergleichen (liaison verify).',
    lacks_one: '{{shown}} Ereignis von {{name}} fehlt hier seit {{time}}: {{cause}}.',
    lacks_other: '{{shown}} Ereignisse von {{name}} fehlen hier seit {{time}}: {{cause}}.',
    behind_one: '{{shown}} Ereignis von {{from}} ist unterwegs zu {{name}}.',
    behind_other: '{{shown}} Ereignisse von {{from}} sind unterwegs zu {{name}}.',
    fetching: 'sie werden gerade geholt',
    noPeer: 'niemand, der sie hat, ist erreichbar',
    stalled: 'der Gefragte liefert nicht, ein anderer wird gefragt',
    writing: 'sie sind angekommen und warten auf die Platte',
    forked: 'es gibt zwei Verläufe, jemand aus dem Betrieb muss einen wählen',
    refused: 'die Platte nimmt sie nicht an',
    dropped: 'sie sind aus den Protokollen derer verschwunden, die sie hatten',
  },
});

/** The node says it in English. */
const causes: Record<string, Parameters<typeof texts>[0]> = {
  fetching: 'fetching',
  'nobody who is ahead can be reached': 'noPeer',
  'the server does not deliver': 'stalled',
  'received, waiting for the disk': 'writing',
  'two histories exist: an operator must choose': 'forked',
  'the disk does not take it': 'refused',
  'what is missing has left the logs of those who are ahead': 'dropped',
};
export const causeText = (cause: string): string => {
  const known = causes[cause];
  return known ? texts(known) : cause;
};

/** "0.4 s", "12 s" */
export const shortly = (ms: number): string =>
  ms < 1000
    ? `${Math.max(0, Math.round(ms))} ms`
    : ms < 10_000
      ? `${formatNumber(Math.round(ms / 100) / 10)} s`
      : formatDuration(ms);

export function troubleText(trouble: Trouble): string {
  switch (trouble.type) {
    case 'closed':
      return texts('closed', { why: trouble.why });
    case 'differs':
      return texts('differs', { name: trouble.name });
    case 'behind':
      return texts('behind', { ...trouble, count: trouble.missing, shown: formatNumber(trouble.missing) });
    case 'lacks':
      return texts('lacks', {
        name: trouble.name,
        count: trouble.missing,
        shown: formatNumber(trouble.missing),
        time: shortly(trouble.ms),
        cause: causeText(trouble.cause),
      });
    case 'silent': {
      const { name, ms, missing } = trouble;
      if (ms === undefined) return texts('silentNever', { name });
      const time = shortly(ms);
      return missing
        ? texts('silentMissing', { name, time, count: missing, shown: formatNumber(missing) })
        : texts('silent', { name, time });
    }
  }
}
