// SPDX-License-Identifier: Apache-2.0
// What can be done with the rows that are selected, or with all that the list shows.
import { Button, CloseButton, Group, Menu, Paper, Text } from '@mantine/core';
import { IconArchive, IconChevronUp, IconUser } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useKinds } from '@/api/kinds';
import { useMay } from '@/api/session';
import { useSchemaTexts } from '@/texts/schema';
import { formatNumber } from '@/ui/format';
import { offerLabel, offerSign } from '../bulk/label';
import { type Offer, offersOf } from '../bulk/offers';
import { ask, countOf, type Target, useOfferTarget } from '../bulk/store';
import { useTexts as useBulkTexts } from '../bulk/texts';
import { useTexts } from '../texts';
import classes from './BulkBar.module.css';
import type { Selection } from './Table';
import { useCount } from './useCount';
import type { List } from './useList';

function useChosen(list: List, selection: Selection) {
  const { kind, rows, question, isWhole } = list;
  // Another filter is another "all".
  const [allOf, setAllOf] = useState<typeof question>();
  const chosen = useMemo(() => rows.filter((row) => selection.ids.has(row.id)), [rows, selection.ids]);
  const isEach = chosen.length > 0 && chosen.length === rows.length;
  const counted = useCount(list);
  // Of as many as cannot be counted, nothing is done to all.
  const count = counted && !counted.isLeast ? counted.count : 0;
  const isAll = allOf === question && isEach && count > 0;
  const target = useMemo((): Target | undefined => {
    if (!chosen.length) return undefined;
    return { kind, rows: chosen, ...(isAll && !isWhole ? { all: { question, count } } : {}) };
  }, [kind, chosen, isAll, isWhole, question, count]);
  return {
    target,
    isAll,
    count,
    canAll: isEach && !isWhole && count > rows.length,
    all: () => setAllOf(question),
  };
}

export default function BulkBar({ list, selection }: { list: List; selection: Selection }) {
  const t = useTexts();
  const b = useBulkTexts();
  const may = useMay();
  const book = useKinds();
  useSchemaTexts();
  const { kind } = list;
  const { target, isAll, count, canAll, all } = useChosen(list, selection);
  useOfferTarget(target);
  if (!target) return null;
  const offers = offersOf(kind, book, may, countOf(target));
  const go = (offer: Offer) => ask(target, offer);
  const assign = offers.find((offer) => offer.type === 'field' && offer.field.name === 'owner');
  const archive = offers.find((offer) => offer.type === (list.state.archived ? 'restore' : 'archive'));
  const more = offers.filter((offer) => offer !== assign && offer !== archive);
  return (
    <Paper
      className={classes.bar}
      withBorder
      shadow="md"
      role="toolbar"
      aria-label={t('selected', { count: countOf(target) })}
    >
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" fw={600} className={classes.count}>
          {isAll ? b('all', { count: formatNumber(count) }) : t('selected', { count: countOf(target) })}
        </Text>
        {canAll && !isAll && (
          <Button variant="subtle" size="compact-sm" onClick={all}>
            {b('chooseAll', { count: formatNumber(count) })}
          </Button>
        )}
        {assign && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconUser size={14} />}
            onClick={() => go(assign)}
          >
            {offerLabel(assign)}
          </Button>
        )}
        {more.length > 0 && (
          <Menu position="top" width={240}>
            <Menu.Target>
              <Button variant="subtle" size="compact-sm" rightSection={<IconChevronUp size={14} />}>
                {b('actions')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown mah="50vh" style={{ overflowY: 'auto' }}>
              {more.map((offer) => {
                const Sign = offerSign(offer);
                return (
                  <Menu.Item key={offer.id} leftSection={<Sign size={14} />} onClick={() => go(offer)}>
                    {offerLabel(offer)}
                  </Menu.Item>
                );
              })}
            </Menu.Dropdown>
          </Menu>
        )}
        {archive && (
          <Button
            variant="subtle"
            color={archive.type === 'archive' ? 'red' : 'indigo'}
            size="compact-sm"
            leftSection={<IconArchive size={14} />}
            onClick={() => go(archive)}
          >
            {offerLabel(archive)}
          </Button>
        )}
        <CloseButton size="sm" aria-label={t('clearSelection')} onClick={() => selection.set(new Set())} />
      </Group>
    </Paper>
  );
}
