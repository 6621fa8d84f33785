// SPDX-License-Identifier: Apache-2.0
// One button that stands in the row under the pointer: a look at the record beside the list. It moves by itself, so
// that no row is drawn anew for it.
import { ActionIcon } from '@mantine/core';
import { IconLayoutSidebarRightExpand } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Row } from '@/api/records';
import { nameOf } from '../field/Reference';
import { useTexts } from '../texts';
import classes from './Table.module.css';
import type { List } from './useList';

/** Lines say which row they are by aria-rowindex, of which the head is 1. */
const FIRST = 2;

interface HoverPeekProps {
  list: List;
  /** Where the first column ends. */
  left: number;
}

export default function HoverPeek({ list, left }: HoverPeekProps) {
  const t = useTexts();
  const root = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState<{ index: number; transform: string; height: string }>();
  useEffect(() => {
    const body = root.current?.parentElement;
    if (!body) return undefined;
    const enter = ({ target }: MouseEvent) => {
      const line = target instanceof Element ? target.closest<HTMLElement>('[aria-rowindex]') : null;
      if (!line) return;
      const { transform, height } = line.style;
      const index = Number(line.ariaRowIndex) - FIRST;
      setOver((now) =>
        now?.index === index && now.transform === transform ? now : { index, transform, height },
      );
    };
    const leave = () => setOver(undefined);
    body.addEventListener('mousemove', enter);
    body.addEventListener('mouseleave', leave);
    return () => {
      body.removeEventListener('mousemove', enter);
      body.removeEventListener('mouseleave', leave);
    };
  }, []);
  const row: Row | undefined = over && list.rows[over.index];
  return (
    <div
      ref={root}
      className={classes.hoverPeek}
      style={over && { transform: over.transform, height: over.height, left }}
    >
      {row && (
        <ActionIcon
          size={24}
          variant="default"
          tabIndex={-1}
          title={t('peekRow')}
          aria-label={`${t('peekRow')}: ${nameOf(list.kind, row)}`}
          onClick={() => list.say({ peek: row.id })}
        >
          <IconLayoutSidebarRightExpand size={14} />
        </ActionIcon>
      )}
    </div>
  );
}
