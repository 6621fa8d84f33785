// SPDX-License-Identifier: Apache-2.0
// Conditions in groups joined by and / or, over what the schema says of a kind; or the text itself.
import {
  ActionIcon,
  Button,
  Group,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconFolderPlus, IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Field, Kind } from '@/api/kinds';
import { useSchemaTexts } from '@/texts/schema';
import { FieldInput } from '../field/Input';
import { allFields, elementShape, labelOf, type Shape } from '../field/shape';
import { useTexts } from '../texts';
import classes from './Filter.module.css';
import {
  type Condition,
  complete,
  FilterError,
  type Group as FilterGroup,
  group,
  type Node,
  parseFilter,
  printFilter,
} from './model';
import { conditionOf, pathOf, questionOf, questionsOf } from './operators';

export const filterable = (kind: Kind): Field[] =>
  allFields(kind).filter((field) => elementShape(field) !== 'object' || field.key);

export const fieldAt = (kind: Kind, path: string): Field | undefined =>
  filterable(kind).find((field) => pathOf(field) === path || field.name === path);

/** Whether the builder can show all of it. */
export const isPlain = (kind: Kind, node: Node): boolean => {
  if (node.type === 'group') return !node.not && node.items.every((item) => isPlain(kind, item));
  const field = fieldAt(kind, node.path);
  return !!field && !!questionOf(field, node);
};

function firstCondition(kind: Kind): Condition | undefined {
  const fields = filterable(kind);
  const field = fields.find((one) => one.indexed && one.name !== 'created_at') ?? fields[0];
  const question = field && questionsOf(field)[0];
  return field && question && conditionOf(field, question, '');
}

interface ConditionRowProps {
  kind: Kind;
  node: Condition;
  onChange: (next: Condition) => void;
  onRemove: () => void;
}

function ConditionRow({ kind, node, onChange, onRemove }: ConditionRowProps) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const field = fieldAt(kind, node.path);
  const read = field && questionOf(field, node);
  if (!field || !read) return null;
  const { question, typed } = read;
  return (
    <Group gap={4} wrap="nowrap" className={classes.condition}>
      <Select
        className={classes.name}
        searchable
        allowDeselect={false}
        aria-label={t('filter')}
        data={filterable(kind).map((one) => ({ value: one.name, label: labelText(labelOf(one)) }))}
        value={field.name}
        onChange={(name) => {
          const next = filterable(kind).find((one) => one.name === name);
          const first = next && questionsOf(next)[0];
          if (next && first) onChange(conditionOf(next, first, ''));
        }}
      />
      <Select
        className={classes.question}
        allowDeselect={false}
        aria-label={labelText(labelOf(field))}
        data={questionsOf(field).map((one) => ({ value: one.id, label: t(one.text) }))}
        value={question.id}
        onChange={(id) => {
          const next = questionsOf(field).find((one) => one.id === id);
          if (next) onChange(conditionOf(field, next, next.asks === question.asks ? typed : ''));
        }}
      />
      <div className={classes.value}>
        {question.asks === 'days' && (
          <TextInput
            inputMode="numeric"
            aria-label={t(question.text)}
            value={typed}
            onChange={(event) => onChange(conditionOf(field, question, event.currentTarget.value))}
          />
        )}
        {question.asks === 'value' && (
          <ValueInput
            field={field}
            typed={typed}
            label={t('filter')}
            onChange={(next) => onChange(conditionOf(field, question, next))}
          />
        )}
      </div>
      <ActionIcon aria-label={t('remove')} onClick={onRemove}>
        <IconX size={14} />
      </ActionIcon>
    </Group>
  );
}

interface ValueInputProps {
  field: Field;
  typed: string;
  label: string;
  onChange: (typed: string) => void;
}

// biome-ignore format: a table
const chosen = new Set<Shape>([
  'enum', 'reference', 'country', 'currency', 'language', 'kind', 'instant', 'date', 'decimal', 'percent', 'measure',
]);

/** Choices and dates as in a form; amounts and texts as plain text, as the language has them. */
function ValueInput({ field, typed, label, onChange }: ValueInputProps) {
  const shape = elementShape(field);
  if (chosen.has(shape))
    return (
      <FieldInput
        field={{ ...field, repeated: false }}
        label={label}
        value={typed || null}
        onChange={(value) => onChange(value === null || value === undefined ? '' : String(value))}
      />
    );
  return (
    <TextInput
      aria-label={label}
      inputMode={shape === 'number' || shape === 'money' ? 'decimal' : 'text'}
      value={typed}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface GroupRowsProps {
  kind: Kind;
  node: FilterGroup;
  depth: number;
  onChange: (next: FilterGroup) => void;
  onRemove?: () => void;
}

function GroupRows({ kind, node, depth, onChange, onRemove }: GroupRowsProps) {
  const t = useTexts();
  const put = (index: number, next: Node | undefined) =>
    onChange({
      ...node,
      items: node.items.flatMap((item, at) => (at === index ? (next ? [next] : []) : [item])),
    });
  const add = (next: Node | undefined) => next && onChange({ ...node, items: [...node.items, next] });
  return (
    <Stack gap={6} className={depth ? classes.group : undefined}>
      {node.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no names, and none keeps a state
        <Group key={index} gap={6} wrap="nowrap" align="flex-start">
          <div className={classes.join}>
            {index === 0 ? (
              <Text size="xs" c="dimmed">
                {t('where')}
              </Text>
            ) : index === 1 ? (
              <SegmentedControl
                size="xs"
                data={[
                  { value: 'AND', label: t('and') },
                  { value: 'OR', label: t('or') },
                ]}
                value={node.join}
                onChange={(join) => onChange({ ...node, join: join === 'OR' ? 'OR' : 'AND' })}
              />
            ) : (
              <Text size="xs" c="dimmed">
                {t(node.join === 'AND' ? 'and' : 'or')}
              </Text>
            )}
          </div>
          {item.type === 'condition' ? (
            <ConditionRow
              kind={kind}
              node={item}
              onChange={(next) => put(index, next)}
              onRemove={() => put(index, undefined)}
            />
          ) : (
            <GroupRows
              kind={kind}
              node={item}
              depth={depth + 1}
              onChange={(next) => put(index, next)}
              onRemove={() => put(index, undefined)}
            />
          )}
        </Group>
      ))}
      <Group gap={4}>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={13} />}
          onClick={() => add(firstCondition(kind))}
        >
          {t('addCondition')}
        </Button>
        {depth < 3 && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconFolderPlus size={13} />}
            onClick={() => {
              const first = firstCondition(kind);
              add(group(first ? [first] : [], node.join === 'AND' ? 'OR' : 'AND'));
            }}
          >
            {t('addGroup')}
          </Button>
        )}
        {onRemove && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={onRemove}>
            {t('remove')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

interface FilterBuilderProps {
  kind: Kind;
  /** In the language of the API; empty: everything. */
  text: string;
  onChange: (text: string) => void;
  /** What the node says of the text: "column 14: no field 'contry' in customer". */
  problem?: string | undefined;
}

function parsed(text: string): FilterGroup | FilterError {
  try {
    return parseFilter(text);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}

export default function FilterBuilder({ kind, text, onChange, problem }: FilterBuilderProps) {
  const t = useTexts();
  // Conditions without a value are seen here only: nobody is shown an empty list before they have chosen.
  const [draft, setDraft] = useState<{ text: string; tree: FilterGroup }>();
  const tree = draft?.text === text ? draft.tree : parsed(text);
  const put = (next: FilterGroup) => {
    const said = printFilter(complete(next));
    setDraft({ text: said, tree: next });
    if (said !== text) onChange(said);
  };
  const isShown = !(tree instanceof FilterError) && isPlain(kind, tree);
  const [wantsText, setWantsText] = useState(!isShown);
  const asText = wantsText || !isShown;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <SegmentedControl
          data={[
            { value: 'builder', label: t('asBuilder'), disabled: !isShown },
            { value: 'text', label: t('asText') },
          ]}
          value={asText ? 'text' : 'builder'}
          onChange={(mode) => setWantsText(mode === 'text')}
        />
        {text && (
          <Button size="compact-xs" variant="subtle" onClick={() => put(group())}>
            {t('clearAll')}
          </Button>
        )}
      </Group>
      {asText || tree instanceof FilterError ? (
        <FilterText text={text} onChange={onChange} problem={problem} isRich={!isShown} tree={tree} />
      ) : (
        <GroupRows kind={kind} node={tree} depth={0} onChange={put} />
      )}
    </Stack>
  );
}

/** The column that a complaint names, from 1. */
export const columnOf = (problem: string): number | undefined => {
  const found = /column (\d+)/.exec(problem);
  return found ? Number(found[1]) : undefined;
};

interface FilterTextProps {
  text: string;
  onChange: (text: string) => void;
  problem?: string | undefined;
  isRich: boolean;
  tree: FilterGroup | FilterError;
}

function FilterText({ text, onChange, problem, isRich, tree }: FilterTextProps) {
  const t = useTexts();
  const own = tree instanceof FilterError ? `column ${tree.column}: ${tree.message}` : undefined;
  const said = problem ?? own;
  const column = said === undefined ? undefined : columnOf(said);
  return (
    <div>
      <Textarea
        autosize
        minRows={2}
        aria-label={t('asText')}
        classNames={{ input: classes.text }}
        placeholder={t('textHint')}
        value={text}
        spellCheck={false}
        {...(said ? { error: said } : {})}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {column !== undefined && text.length < 200 && !text.includes('\n') && (
        <pre className={classes.caret} aria-hidden>
          {text}
          {'\n'}
          {' '.repeat(Math.max(0, column - 1))}^
        </pre>
      )}
      {isRich && !said && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('tooRich')}
        </Text>
      )}
    </div>
  );
}
