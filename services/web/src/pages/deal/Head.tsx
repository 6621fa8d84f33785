// SPDX-License-Identifier: Apache-2.0
// Above everything else on a deal's page: where it stands, and what it is about in five values.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { fieldOf } from '@/api/kinds';
import type { PanelProps } from '@/app/area';
import { useMomentShown } from '@/kind/past/moment';
import { FieldRow } from '@/kind/record/Fields';
import { formatMoney, useForms } from '@/ui/format';
import classes from './Deal.module.css';
import { type Deal, isLate, weighted } from './deal';
import { Path } from './Path';
import { usePageTexts } from './pageTexts';

const tiles = ['amount', 'probability', 'close_at', 'customer', 'owner'] as const;

export default function Head({ kind, row }: PanelProps) {
  const t = usePageTexts();
  useForms();
  const at = useMomentShown();
  const deal = row as Deal;
  const expected = deal.state === 'open' ? weighted(deal) : undefined;
  const more: Partial<Record<(typeof tiles)[number], ReactNode>> = {
    ...(expected ? { probability: t('weighted', { amount: formatMoney(expected) }) } : {}),
    ...(isLate(deal, at)
      ? {
          close_at: (
            <Text span size="xs" c="red">
              {t('late')}
            </Text>
          ),
        }
      : {}),
  };
  return (
    <div className={classes.head}>
      <Path kind={kind} deal={deal} />
      <div className={classes.tiles}>
        {tiles.map((name) => {
          const field = fieldOf(kind, name);
          return (
            field && (
              <div key={name} className={classes.tile} data-tile={name}>
                <FieldRow kind={kind} row={row} field={field} stacked />
                {more[name] && <div className={classes.more}>{more[name]}</div>}
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}
