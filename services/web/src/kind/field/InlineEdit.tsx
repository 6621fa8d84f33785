// SPDX-License-Identifier: Apache-2.0
// A value that becomes an input where it stands. Enter saves, Esc restores, leaving saves.
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Field } from '@/api/kinds';
import { FieldInput } from './Input';
import { shapeOf } from './shape';

interface InlineEditProps {
  field: Field;
  value: unknown;
  label: string;
  onSave: (value: unknown) => void;
  onClose: () => void;
}

/** What is chosen with one click is saved by it. */
const savesAtOnce = (field: Field) =>
  ['enum', 'reference', 'country', 'currency', 'language', 'kind', 'bool'].includes(shapeOf(field));

export default function InlineEdit({ field, value, label, onSave, onClose }: InlineEditProps) {
  const [typed, setTyped] = useState(value);
  // What was typed last, also before it has been drawn: Enter may follow at once.
  const latest = useRef(value);
  const root = useRef<HTMLDivElement>(null);
  const isDone = useRef(false);
  useEffect(() => {
    const input = root.current?.querySelector<HTMLElement>('input, textarea, button');
    input?.focus();
    if (input instanceof HTMLInputElement && input.type === 'text') input.select();
  }, []);
  const finish = (next: unknown, keep: boolean) => {
    if (isDone.current) return;
    isDone.current = true;
    if (keep) onSave(next);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'Escape') finish(latest.current, false);
    if (event.key === 's' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      finish(latest.current, true);
      return;
    }
    const isLine = shapeOf(field) !== 'paragraphs' && shapeOf(field) !== 'set';
    if (event.key === 'Enter' && (isLine || event.ctrlKey || event.metaKey) && !savesAtOnce(field)) {
      event.preventDefault();
      finish(latest.current, true);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the input within
    <div
      ref={root}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        // Lists of choices open elsewhere on the page.
        const next = event.relatedTarget;
        if (next instanceof Node && (root.current?.contains(next) || isDropdown(next))) return;
        if (!savesAtOnce(field)) finish(latest.current, true);
        else setTimeout(() => finish(latest.current, false), 150);
      }}
    >
      <FieldInput
        field={field}
        label={label}
        value={typed}
        onChange={(next) => {
          latest.current = next;
          setTyped(next);
          if (savesAtOnce(field)) finish(next, true);
        }}
      />
    </div>
  );
}

const isDropdown = (node: Node) =>
  node instanceof HTMLElement && node.closest('[role="listbox"], [role="option"], [data-portal]') !== null;
