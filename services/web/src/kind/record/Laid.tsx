// SPDX-License-Identifier: Apache-2.0
// Tabs of blocks of fields, as somebody laid them out.
import { Tabs, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import type { Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { useTexts } from '../texts';
import { arrange, type LaidBlock, type LaidTab, namesIn, REST } from './arrange';
import { Fields, isInRest, useIsShown } from './Fields';
import classes from './Laid.module.css';
import type { Plan } from './layout';

function Block({ block, children }: { block: LaidBlock; children: ReactNode }) {
  const id = useId();
  const [isFolded, setFolded] = useState(block.isFolded);
  if (!block.title) return <div className={classes.block}>{children}</div>;
  return (
    <section className={classes.block} aria-labelledby={`${id}-title`}>
      <h2 className={classes.title}>
        <UnstyledButton
          id={`${id}-title`}
          className={classes.fold}
          aria-expanded={!isFolded}
          aria-controls={id}
          onClick={() => setFolded(!isFolded)}
        >
          <IconChevronRight size={14} className={classes.sign} aria-hidden />
          {block.title}
        </UnstyledButton>
      </h2>
      <div id={id} hidden={isFolded}>
        {children}
      </div>
    </section>
  );
}

interface LaidOutProps {
  tabs: LaidTab[];
  /** What stands in a block. */
  inside: (block: LaidBlock) => ReactNode;
}

/** Tabs only where there are several. */
export function LaidOut({ tabs, inside }: LaidOutProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const draw = (tab: LaidTab) =>
    tab.blocks.map((block) => (
      <Block key={block.key} block={block}>
        {inside(block)}
      </Block>
    ));
  const [first] = tabs;
  if (!first) return null;
  if (tabs.length === 1) return <>{draw(first)}</>;
  const shown = tabs.find((tab) => tab.key === chosen) ?? first;
  return (
    <Tabs value={shown.key} onChange={setChosen} keepMounted={false}>
      <Tabs.List mb="xs">
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.key} value={tab.key}>
            {tab.title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map((tab) => (
        <Tabs.Panel key={tab.key} value={tab.key}>
          {draw(tab)}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

interface LaidProps {
  kind: Kind;
  row: Row;
  plan: Plan;
  without: string[];
}

/** The fields of a record by the layout of its kind. */
export default function Laid({ kind, row, plan, without }: LaidProps) {
  const t = useTexts();
  const isShown = useIsShown(kind, row);
  const tabs = arrange(
    plan,
    kind.fields.filter(isShown),
    (field) => isInRest(kind, field, without),
    t('more'),
  );
  return (
    <LaidOut
      tabs={tabs}
      inside={(block) =>
        block.key === REST ? (
          <Fields kind={kind} row={row} without={[...without, ...namesIn(plan)]} />
        ) : (
          <Fields kind={kind} row={row} names={block.fields.map((field) => field.name)} />
        )
      }
    />
  );
}
