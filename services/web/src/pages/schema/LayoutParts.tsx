// SPDX-License-Identifier: Apache-2.0
// The parts of a layout while it is edited: tabs, blocks, and fields that are dragged or stepped on.
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon, Button, Checkbox, Group, Menu, Text, TextInput } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconGripVertical,
  IconPlus,
  IconSwitchHorizontal,
  IconX,
} from '@tabler/icons-react';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import {
  addBlock,
  type Draft,
  type DraftBlock,
  type DraftTab,
  mostBlocks,
  mostTitle,
  moveBlock,
  moveTab,
  place,
  step,
  type Way,
  withBlock,
  withoutBlock,
  withoutTab,
  withTab,
} from './arrangement';
import classes from './Layout.module.css';
import { useTexts } from './layoutTexts';

export interface Editing {
  draft: Draft;
  onChange: (next: Draft) => void;
  labelOf: (name: string) => string;
}

/** An element that fields can be dropped on. */
function useDrop(ref: RefObject<HTMLElement | null>, take: (name: string) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    return dropTargetForElements({
      element,
      canDrop: ({ source }) => typeof source.data.layoutField === 'string',
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source, location }) => {
        setOver(false);
        // A field takes what is dropped on it itself.
        if (location.current.dropTargets[0]?.element === element)
          latest.current(source.data.layoutField as string);
      },
    });
  }, [ref]);
  return over;
}

interface OrderProps {
  id: string;
  name: string;
  onMove: (by: Way) => void;
  canGo: (by: Way) => boolean;
}

/** Up and down. They keep the focus where the part goes into another one. */
function Order({ id, name, onMove, canGo }: OrderProps) {
  const t = useTexts();
  const go = (by: Way) => {
    onMove(by);
    requestAnimationFrame(() => {
      const find = (way: Way) => document.querySelector<HTMLButtonElement>(`[data-order="${id}:${way}"]`);
      const same = find(by);
      (same?.disabled ? find(by > 0 ? -1 : 1) : same)?.focus();
    });
  };
  return (
    <>
      <ActionIcon
        data-order={`${id}:-1`}
        aria-label={t('up', { name })}
        disabled={!canGo(-1)}
        onClick={() => go(-1)}
      >
        <IconArrowUp size={14} />
      </ActionIcon>
      <ActionIcon
        data-order={`${id}:1`}
        aria-label={t('down', { name })}
        disabled={!canGo(1)}
        onClick={() => go(1)}
      >
        <IconArrowDown size={14} />
      </ActionIcon>
    </>
  );
}

const blocksIn = (draft: Draft) => draft.flatMap((tab) => tab.blocks.map((block) => ({ tab, block })));

function MoveTo({ name, draft, onChange, labelOf }: Editing & { name: string }) {
  const t = useTexts();
  const label = labelOf(name);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('moveTo', { name: label })}>
          <IconSwitchHorizontal size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {blocksIn(draft).map(({ tab, block }) => (
          <Menu.Item
            key={block.key}
            disabled={block.fields.includes(name)}
            onClick={() => onChange(place(draft, name, block.key))}
          >
            {tab.title} › {block.title || t('blockNoTitle')}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => onChange(place(draft, name))}>{t('nowhere')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** A field where it stands; what is dropped on it comes before it. */
function FieldLine({ name, block, ...editing }: Editing & { name: string; block?: DraftBlock }) {
  const { draft, onChange, labelOf } = editing;
  const ref = useRef<HTMLLIElement>(null);
  const over = useDrop(ref, (dropped) => onChange(place(draft, dropped, block?.key, name)));
  useEffect(() => {
    const element = ref.current;
    return element ? draggable({ element, getInitialData: () => ({ layoutField: name }) }) : undefined;
  }, [name]);
  return (
    <li ref={ref} className={classes.field} data-over={over || undefined} data-layout-field={name}>
      <IconGripVertical size={14} className={classes.grip} aria-hidden />
      <Text size="sm" className={classes.label}>
        {labelOf(name)}
      </Text>
      <Order
        id={`field-${name}`}
        name={labelOf(name)}
        onMove={(by) => onChange(step(draft, name, by))}
        canGo={(by) => step(draft, name, by) !== draft}
      />
      <MoveTo name={name} {...editing} />
    </li>
  );
}

interface FieldListProps extends Editing {
  names: readonly string[];
  label: string;
  block?: DraftBlock;
  empty?: ReactNode;
}

export function FieldList({ names, label, block, empty, ...editing }: FieldListProps) {
  const ref = useRef<HTMLUListElement>(null);
  const over = useDrop(ref, (dropped) => editing.onChange(place(editing.draft, dropped, block?.key)));
  return (
    <ul ref={ref} className={classes.list} aria-label={label} data-over={over || undefined}>
      {names.map((name) => (
        <FieldLine key={name} name={name} {...editing} {...(block ? { block } : {})} />
      ))}
      {names.length === 0 && empty && <li className={classes.nothing}>{empty}</li>}
    </ul>
  );
}

function BlockPart({ block, ...editing }: Editing & { block: DraftBlock }) {
  const t = useTexts();
  const { draft, onChange } = editing;
  const name = block.title || t('blockNoTitle');
  return (
    <div className={classes.block}>
      <Group gap={2} wrap="nowrap">
        <TextInput
          className={classes.label}
          aria-label={t('block')}
          placeholder={t('blockNoTitle')}
          maxLength={mostTitle}
          value={block.title}
          onChange={(event) => onChange(withBlock(draft, block.key, { title: event.currentTarget.value }))}
        />
        <Order
          id={`block-${block.key}`}
          name={name}
          onMove={(by) => onChange(moveBlock(draft, block.key, by))}
          canGo={(by) => moveBlock(draft, block.key, by) !== draft}
        />
        <ActionIcon
          aria-label={t('remove', { name })}
          onClick={() => onChange(withoutBlock(draft, block.key))}
        >
          <IconX size={14} />
        </ActionIcon>
      </Group>
      <FieldList names={block.fields} label={name} block={block} empty={t('emptyBlock')} {...editing} />
      {block.title && (
        <Checkbox
          size="xs"
          label={t('folded')}
          checked={block.folded}
          onChange={(event) => onChange(withBlock(draft, block.key, { folded: event.currentTarget.checked }))}
        />
      )}
    </div>
  );
}

export function TabPart({ tab, number, ...editing }: Editing & { tab: DraftTab; number: number }) {
  const t = useTexts();
  const { draft, onChange } = editing;
  const name = tab.title || t('newTab', { number });
  return (
    <section className={classes.tab} aria-label={name}>
      <Group gap={2} wrap="nowrap" align="flex-start">
        <TextInput
          className={classes.label}
          styles={{ input: { fontWeight: 600 } }}
          aria-label={t('tab', { number })}
          maxLength={mostTitle}
          value={tab.title}
          error={tab.title.trim() ? undefined : t('tabWanted')}
          onChange={(event) => onChange(withTab(draft, tab.key, event.currentTarget.value))}
        />
        <Order
          id={`tab-${tab.key}`}
          name={name}
          onMove={(by) => onChange(moveTab(draft, tab.key, by))}
          canGo={(by) => moveTab(draft, tab.key, by) !== draft}
        />
        <ActionIcon aria-label={t('remove', { name })} onClick={() => onChange(withoutTab(draft, tab.key))}>
          <IconX size={14} />
        </ActionIcon>
      </Group>
      {tab.blocks.map((block) => (
        <BlockPart key={block.key} block={block} {...editing} />
      ))}
      <Button
        variant="subtle"
        size="compact-xs"
        w="fit-content"
        leftSection={<IconPlus size={13} />}
        disabled={tab.blocks.length >= mostBlocks}
        onClick={() => onChange(addBlock(draft, tab.key))}
      >
        {t('addBlock')}
      </Button>
    </section>
  );
}
