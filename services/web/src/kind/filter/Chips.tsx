// SPDX-License-Identifier: Apache-2.0
// What a list is filtered by, as chips below its bar: each condition with a cross, and one for all of them.
import { Button, CloseButton, UnstyledButton } from '@mantine/core';
import { Fragment } from 'react';
import type { Field, Kind } from '@/api/kinds';
import { defineTexts } from '@/texts';
import { useSchemaTexts } from '@/texts/schema';
import { useForms } from '@/ui/format';
import { useName } from '../field/Reference';
import { elementShape, labelOf } from '../field/shape';
import { valueAsText } from '../field/Value';
import { useTexts as useKindTexts } from '../texts';
import classes from './Filter.module.css';
import { fieldAt, isPlain } from './FilterBuilder';
import { type Condition, type Group, group, type Node, parseFilter, printFilter } from './model';
import { questionOf } from './operators';

const { useTexts } = defineTexts('filter-chips', {
  en: {
    filters: 'Conditions of the filter',
    last_one: 'in the last day',
    last_other: 'in the last {{count}} days',
    next_one: 'in the next day',
    next_other: 'in the next {{count}} days',
    remove: 'Without: {{what}}',
  },
  de: {
    filters: 'Bedingungen des Filters',
    last_one: 'seit einem Tag',
    last_other: 'in den letzten {{count}} Tagen',
    next_one: 'bis morgen',
    next_other: 'in den nächsten {{count}} Tagen',
    remove: 'Ohne: {{what}}',
  },
});

function Named({ plural, id }: { plural: string; id: string }) {
  return useName(plural, id) ?? '…';
}

/** What was typed, as people write it; a moment may also be said by a word such as today. */
function Typed({ field, typed }: { field: Field; typed: string }) {
  const shape = elementShape(field);
  if (shape === 'reference') return <Named plural={field.reference ?? ''} id={typed} />;
  const isMoment = shape === 'instant' || shape === 'date';
  if (['enum', 'country', 'decimal'].includes(shape) || (isMoment && !Number.isNaN(Date.parse(typed))))
    return valueAsText({ ...field, repeated: false }, typed);
  return typed;
}

function ConditionWords({ kind, node }: { kind: Kind; node: Condition }) {
  const t = useTexts();
  const words = useKindTexts();
  const { labelText } = useSchemaTexts();
  const field = fieldAt(kind, node.path);
  const read = field && questionOf(field, node);
  if (!field || !read) return null;
  const { question, typed } = read;
  const days = question.id === 'next' ? 'next' : 'last';
  return (
    <>
      <span className={classes.chipField}>{labelText(labelOf(field))}</span>{' '}
      {question.asks === 'days' ? t(days, { count: Number(typed) }) : words(question.text)}
      {question.asks === 'value' && (
        <>
          {' '}
          <span className={classes.chipValue}>
            <Typed field={field} typed={typed} />
          </span>
        </>
      )}
    </>
  );
}

function Words({ kind, node }: { kind: Kind; node: Node }) {
  const words = useKindTexts();
  if (node.type === 'condition') return <ConditionWords kind={kind} node={node} />;
  return node.items.map((item, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no names, and none keeps a state
    <Fragment key={at}>
      {at > 0 && ` ${words(node.join === 'OR' ? 'or' : 'and')} `}
      {item.type === 'group' && item.items.length > 1 ? (
        <>
          (<Words kind={kind} node={item} />)
        </>
      ) : (
        <Words kind={kind} node={item} />
      )}
    </Fragment>
  ));
}

/** The parts that can be taken out singly; undefined: the text says more than conditions can show. */
export function partsOf(kind: Kind, text: string): Node[] | undefined {
  try {
    const tree: Group = parseFilter(text);
    if (!isPlain(kind, tree)) return undefined;
    return tree.join === 'AND' || tree.items.length < 2 ? tree.items : [tree];
  } catch {
    return undefined;
  }
}

interface ChipsProps {
  kind: Kind;
  text: string;
  onChange: (text: string) => void;
  /** Where it is edited. */
  onOpen: () => void;
}

export default function Chips({ kind, text, onChange, onOpen }: ChipsProps) {
  const t = useTexts();
  const words = useKindTexts();
  useForms();
  const parts = partsOf(kind, text);
  const without = (at: number) =>
    onChange(parts ? printFilter(group(parts.filter((_, other) => other !== at))) : '');
  const shown = parts ?? [undefined];
  return (
    <ul className={classes.chips} aria-label={t('filters')}>
      {shown.map((part, at) => {
        const said = part ? printFilter(group([part])) : text;
        return (
          <li key={said} className={classes.chip}>
            <UnstyledButton className={classes.chipText} onClick={onOpen}>
              {part ? <Words kind={kind} node={part} /> : <code>{text}</code>}
            </UnstyledButton>
            <CloseButton
              size={24}
              iconSize={13}
              aria-label={t('remove', { what: said })}
              onClick={() => without(at)}
            />
          </li>
        );
      })}
      {shown.length > 1 && (
        <li>
          <Button size="compact-sm" variant="subtle" color="gray" onClick={() => onChange('')}>
            {words('clearAll')}
          </Button>
        </li>
      )}
    </ul>
  );
}
