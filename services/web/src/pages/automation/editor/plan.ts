// SPDX-License-Identifier: Apache-2.0
// A plan while it is edited: steps in their order, named, that lead to one another by name. Pure.
import type { components } from '@/api/schema';

export type Step = components['schemas']['Step'];
export type Action = components['schemas']['Action'];
export type StepValue = components['schemas']['StepValue'];

/** Those that change the world, then those that say how it goes on. */
export const actionsInOrder = [
  'create',
  'set',
  'assign',
  'verb',
  'hand_over',
  'notify',
  'mail',
  'webhook',
  'http',
  'start',
  'wait',
  'branch',
  'loop',
  'end',
] as const satisfies readonly Action[];

export const mostTimes = 100;

type Part = Exclude<keyof Step, 'name' | 'action'>;
/** What an action asks; all else of a step is not its. */
const asks: Record<Action, readonly Part[]> = {
  none: [],
  set: ['values'],
  create: ['kind', 'values'],
  assign: ['field', 'method', 'users', 'team', 'territories', 'load'],
  verb: ['verb', 'values'],
  hand_over: ['department', 'text'],
  notify: ['to', 'subject', 'text'],
  mail: ['to', 'subject', 'text'],
  webhook: ['to', 'subject', 'text'],
  http: ['request', 'url', 'headers', 'text', 'takes', 'period', 'otherwise'],
  start: ['flow'],
  wait: ['period', 'at', 'until', 'otherwise'],
  branch: ['condition', 'then', 'otherwise'],
  loop: ['back', 'times', 'condition'],
  end: [],
};
const jumps = ['then', 'otherwise', 'back', 'next'] as const;

const isSaid = (value: unknown) =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);

/** Without what its action does not ask, and without what is empty. */
export function cleaned(step: Step): Step {
  const wanted = new Set<string>(asks[step.action]);
  if (step.action !== 'end') wanted.add('next');
  const kept = Object.entries(step).filter(([part, value]) => wanted.has(part) && isSaid(value));
  return { name: step.name, action: step.action, ...Object.fromEntries(kept) };
}

/** "Wait", "Wait 2": a name that no step has. */
export function freeName(steps: readonly Step[], wanted: string): string {
  const taken = new Set(steps.map((step) => step.name));
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted} ${count}`;
  return name;
}

/** What a new step says before anybody has filled it in. */
export function newStep(steps: readonly Step[], at: number, action: Action, called: string): Step {
  const step: Step = { name: freeName(steps, called), action };
  if (action === 'wait') step.period = '1d';
  if (action === 'http') step.url = 'https://';
  if (action === 'loop') {
    step.times = 3;
    const back = steps[at - 1];
    if (back) step.back = back.name;
  }
  return step;
}

export const inserted = (steps: readonly Step[], at: number, step: Step): Step[] => [
  ...steps.slice(0, at),
  step,
  ...steps.slice(at),
];

export const replaced = (steps: readonly Step[], at: number, step: Step): Step[] =>
  steps.map((other, index) => (index === at ? step : other));

/** Another name, also where steps lead to it. */
export function renamed(steps: readonly Step[], at: number, name: string): Step[] {
  const before = steps[at]?.name;
  return steps.map((step, index) => {
    const next = { ...step };
    for (const jump of jumps) if (next[jump] === before) next[jump] = name;
    return index === at ? { ...next, name } : next;
  });
}

/** Without a step; who led to it goes on with the next one below. */
export function removed(steps: readonly Step[], at: number): Step[] {
  const gone = steps[at]?.name;
  return steps
    .filter((_, index) => index !== at)
    .map((step) => {
      const next = { ...step };
      for (const jump of jumps) if (next[jump] === gone) delete next[jump];
      return next;
    });
}

export function moved(steps: readonly Step[], from: number, by: -1 | 1): Step[] {
  const to = from + by;
  const step = steps[from];
  const other = steps[to];
  if (!step || !other) return [...steps];
  return steps.map((one, index) => (index === from ? other : index === to ? step : one));
}

// ---- ways --------------------------------------------------------------------------------------

export type WayType = 'yes' | 'no' | 'late' | 'next' | 'again' | 'unanswered';
/** From a step to another by name; `to` is steps.length for the end, -1 where there is no such step. */
export interface Way {
  from: number;
  to: number;
  type: WayType;
}

/** All ways that are not simply to the step below. */
export function waysOf(steps: readonly Step[]): Way[] {
  const at = (name: string) => steps.findIndex((step) => step.name === name);
  return steps.flatMap((step, from) => {
    const way = (type: WayType, name: string | undefined): Way[] =>
      name ? [{ from, to: at(name), type }] : [];
    switch (step.action) {
      case 'branch':
        return [...way('yes', step.then), ...way('no', step.otherwise)];
      case 'loop':
        return [...way('again', step.back), ...way('next', step.next)];
      case 'wait':
        return [...(step.until ? way('late', step.otherwise) : []), ...way('next', step.next)];
      case 'http':
        return [...way('unanswered', step.otherwise), ...way('next', step.next)];
      case 'end':
        return [{ from, to: steps.length, type: 'next' }];
      default:
        return way('next', step.next);
    }
  });
}

/** How one comes from a step to the one below: plainly, in one case only, or never. */
export function belowOf(step: Step): 'plain' | 'yes' | 'no' | 'never' {
  if (step.action === 'end') return 'never';
  if (step.action === 'branch') {
    if (step.then && step.otherwise) return 'never';
    return step.then ? 'no' : step.otherwise ? 'yes' : 'plain';
  }
  return step.next ? 'never' : 'plain';
}

export interface Lane extends Way {
  /** How far out its line runs, from 0; no two lines lie on one another. */
  lane: number;
}

/** Ways down run at one side, ways up at the other; short ones lie inside long ones. */
export function lanesOf(ways: readonly Way[]): { down: Lane[]; up: Lane[] } {
  const place = (some: Way[]): Lane[] => {
    const done: Lane[] = [];
    const span = (way: Way) => Math.abs(way.to - way.from);
    for (const way of [...some].sort((a, b) => span(a) - span(b) || a.from - b.from)) {
      const [low, high] = [Math.min(way.from, way.to), Math.max(way.from, way.to)];
      const crossing = done.filter(
        (one) => Math.min(one.from, one.to) <= high && Math.max(one.from, one.to) >= low,
      );
      let lane = 0;
      while (crossing.some((one) => one.lane === lane)) lane++;
      done.push({ ...way, lane });
    }
    return done;
  };
  const drawn = ways.filter((way) => way.to >= 0);
  return {
    down: place(drawn.filter((way) => way.to > way.from)),
    up: place(drawn.filter((way) => way.to <= way.from)),
  };
}

// ---- what addresses outside answer --------------------------------------------------------------

export type StepHeader = components['schemas']['StepHeader'];
export type StepTake = components['schemas']['StepTake'];
export type AnswerType = components['schemas']['AnswerType'];
/** A value that steps further down know as http.<name>. */
export interface Answer {
  name: string;
  type: AnswerType;
  /** Of a decimal. */
  scale?: number;
}

/** What the steps above take of answers, each name once; with the status where any of them asks. */
export function answersAbove(steps: readonly Step[], at: number): Answer[] {
  const asking = steps.slice(0, at).filter((step) => step.action === 'http');
  if (asking.length === 0) return [];
  const all: Answer[] = [{ name: 'status', type: 'whole' }];
  for (const { name, type = 'text', scale } of asking.flatMap((step) => step.takes ?? []))
    if (name && !all.some((one) => one.name === name))
      all.push({ name, type, ...(scale === undefined ? {} : { scale }) });
  return all;
}

// ---- what the node says ------------------------------------------------------------------------

export interface Fault {
  /** Of a step; absent: of the rule or flow itself. */
  step?: number;
  /** "condition", "values": the part that it is about. */
  part?: string;
  /** Of a part that is a list. */
  index?: number;
  text: string;
}

/** "plan.steps[2] (ring): until: column 1: no field 'x'" taken apart. */
export function faultOf(detail: string): Fault {
  const inStep = /^plan\.steps\[(\d+)\](?: \(.*?\))?[:.] ?(.*)$/s.exec(detail);
  const rest = inStep?.[2] ?? detail;
  const part = /^([a-z_]+)(?:\[(\d+)\])?(?:\.[a-z_]+)?: /.exec(rest);
  const fault: Fault = { text: part ? rest.slice(part[0].length) : rest };
  if (inStep) fault.step = Number(inStep[1]);
  if (part?.[1]) fault.part = part[1];
  if (part?.[2]) fault.index = Number(part[2]);
  return fault;
}
