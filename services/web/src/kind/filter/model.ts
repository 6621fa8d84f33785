// SPDX-License-Identifier: Apache-2.0
// A filter as conditions in groups, between the text that the API takes and what people click. Pure.

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | ':';

export interface Condition {
  type: 'condition';
  /** A field, or a step beyond: customer.country, count(purchase, 90d). */
  path: string;
  operator: Operator;
  /** As it is said in the text, without quotes: "DE", "100", "now - 30d", "*". */
  value: string;
  /** Quoted in the text: then it is these characters and nothing else. */
  quoted: boolean;
  not: boolean;
}

export interface Group {
  type: 'group';
  join: 'AND' | 'OR';
  not: boolean;
  items: Node[];
}

export type Node = Condition | Group;

export const group = (items: Node[] = [], join: Group['join'] = 'AND', not = false): Group => ({
  type: 'group',
  join,
  not,
  items,
});
export const condition = (
  path: string,
  operator: Operator,
  value: string,
  more: Partial<Condition> = {},
): Condition => ({ type: 'condition', path, operator, value, quoted: false, not: false, ...more });

// ---- to text -----------------------------------------------------------------------------------

/** Whether a value can stand without quotes and mean the same. */
const isBare = (value: string) =>
  /^[\p{L}\p{N}_.@+*-]+$/u.test(value) && !/^(and|or|not|true|false|now|today)$/i.test(value);

export const quote = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const printValue = ({ value, quoted }: Condition) => (quoted ? quote(value) : value);

export function printNode(node: Node, within?: Group): string {
  if (node.type === 'condition') {
    const text =
      node.operator === ':'
        ? `${node.path}:${printValue(node)}`
        : `${node.path} ${node.operator} ${printValue(node)}`;
    return node.not ? `NOT ${text}` : text;
  }
  const items = node.items.filter((item) => item.type === 'condition' || item.items.length > 0);
  const text = items.map((item) => printNode(item, node)).join(` ${node.join} `);
  if (node.not) return `NOT (${text})`;
  const needs = within && items.length > 1 && (within.join !== node.join || within.not);
  return needs ? `(${text})` : text;
}

/** The text of a whole filter; empty: everything. */
export const printFilter = (filter: Group): string => printNode(filter);

// ---- from text ---------------------------------------------------------------------------------

export class FilterError extends Error {
  /** From 1, of the text. */
  readonly column: number;
  constructor(column: number, message: string) {
    super(message);
    this.name = 'FilterError';
    this.column = column;
  }
}

interface Token {
  type: 'word' | 'string' | 'sign' | 'end';
  text: string;
  at: number;
}

const signs = ['!=', '<=', '>=', '=', '<', '>', ':', '(', ')', ',', '+', '-'];

function readString(text: string, from: number): { value: string; end: number } {
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') return { value, end: at + 1 };
    if (sign === '\\') value += text[++at] ?? '';
    else value += sign;
  }
  throw new FilterError(from + 1, 'the text in quotes has no end');
}

export function tokens(text: string): Token[] {
  const all: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest);
    if (space) {
      at += space[0].length;
      continue;
    }
    if (rest[0] === '"') {
      const { value, end } = readString(text, at);
      all.push({ type: 'string', text: value, at });
      at = end;
      continue;
    }
    const sign = signs.find((one) => rest.startsWith(one));
    const word = /^[^\s"()=<>!:,]+/.exec(rest);
    if (sign && !(word && word[0].length > 1 && (sign === '-' || sign === '+') && !/^[-+]$/.test(word[0]))) {
      all.push({ type: 'sign', text: sign, at });
      at += sign.length;
    } else if (word) {
      all.push({ type: 'word', text: word[0], at });
      at += word[0].length;
    } else {
      throw new FilterError(at + 1, `'${rest[0]}' has no place here`);
    }
  }
  all.push({ type: 'end', text: '', at: text.length });
  return all;
}

const operators = new Set<string>(['=', '!=', '<', '<=', '>', '>=', ':']);

class Parser {
  private at = 0;
  constructor(private readonly all: Token[]) {}

  whole(): Group {
    if (this.peek().type === 'end') return group();
    const node = this.any('OR', () => this.any('AND', () => this.one()));
    const rest = this.peek();
    if (rest.type !== 'end') throw new FilterError(rest.at + 1, `'${rest.text}': AND or OR was expected`);
    return node.type === 'group' ? node : group([node]);
  }

  private peek(): Token {
    return this.all[this.at] as Token;
  }
  private next(): Token {
    const token = this.peek();
    if (token.type !== 'end') this.at++;
    return token;
  }
  private isWord(word: string): boolean {
    const token = this.peek();
    return token.type === 'word' && token.text.toUpperCase() === word;
  }
  private isSign(sign: string): boolean {
    const token = this.peek();
    return token.type === 'sign' && token.text === sign;
  }

  private any(join: 'AND' | 'OR', read: () => Node): Node {
    const first = read();
    if (!this.isWord(join)) return first;
    const items = [first];
    while (this.isWord(join)) {
      this.next();
      items.push(read());
    }
    return group(items, join);
  }

  private one(): Node {
    if (this.isWord('NOT')) {
      this.next();
      const node = this.one();
      return { ...node, not: !node.not };
    }
    if (this.isSign('(')) {
      this.next();
      const node = this.any('OR', () => this.any('AND', () => this.one()));
      const end = this.next();
      if (end.text !== ')' || end.type !== 'sign') throw new FilterError(end.at + 1, "a ')' is missing");
      return node.type === 'group' ? node : group([node]);
    }
    return this.comparison();
  }

  private comparison(): Condition {
    const path = this.path();
    const operator = this.next();
    if (operator.type !== 'sign' || !operators.has(operator.text))
      throw new FilterError(operator.at + 1, `after '${path}' a comparison was expected, such as = or :`);
    return {
      ...this.value(operator.at),
      type: 'condition',
      path,
      operator: operator.text as Operator,
      not: false,
    };
  }

  /** A name, or a figure: count(purchase, 90d). */
  private path(): string {
    const name = this.next();
    if (name.type !== 'word') throw new FilterError(name.at + 1, 'the name of a field was expected');
    if (!this.isSign('(')) return name.text;
    this.next();
    const parts: string[] = [];
    for (;;) {
      const part = this.next();
      if (part.type !== 'word') throw new FilterError(part.at + 1, `'${name.text}(' wants words`);
      parts.push(part.text);
      const sign = this.next();
      if (sign.text === ')') return `${name.text}(${parts.join(', ')})`;
      if (sign.text !== ',') throw new FilterError(sign.at + 1, "a ',' or ')' was expected");
    }
  }

  private value(after: number): { value: string; quoted: boolean } {
    const token = this.next();
    if (token.type === 'string') return { value: token.text, quoted: true };
    if (token.type !== 'word')
      throw new FilterError(Math.max(token.at, after + 1) + 1, 'a value was expected');
    if (!/^(now|today)$/i.test(token.text) || !(this.isSign('-') || this.isSign('+')))
      return { value: token.text, quoted: false };
    const sign = this.next();
    const period = this.next();
    if (period.type !== 'word') throw new FilterError(period.at + 1, 'a period such as 30d was expected');
    return { value: `${token.text} ${sign.text} ${period.text}`, quoted: false };
  }
}

/** Throws FilterError. The node has the last word: it knows fields and types, this only form. */
export const parseFilter = (text: string): Group => new Parser(tokens(text)).whole();

/** A value that somebody chose, in quotes where it needs them. */
export const bareOrQuoted = (value: string): Pick<Condition, 'value' | 'quoted'> => ({
  value,
  quoted: !isBare(value),
});

/** Without conditions that have no value yet: what is said while somebody is still choosing. */
export function complete(node: Group): Group {
  const items = node.items.flatMap((item): Node[] => {
    if (item.type === 'condition') return item.value === '' ? [] : [item];
    const inner = complete(item);
    return inner.items.length ? [inner] : [];
  });
  return { ...node, items };
}

export const countConditions = (node: Node): number =>
  node.type === 'condition' ? 1 : node.items.reduce((sum, item) => sum + countConditions(item), 0);
