// SPDX-License-Identifier: Apache-2.0
// By what a list is ordered, level by level.
import { ActionIcon, Button, Group, SegmentedControl, Select, Stack } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useSchemaTexts } from '@/texts/schema';
import { labelOf, listFields } from '../field/shape';
import { useTexts } from '../texts';
import { isOrderable, mostOrders, type Order, printOrder, readOrder } from './state';
import type { List } from './useList';

export default function SortPanel({ list }: { list: List }) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const { kind, state, set } = list;
  const orders = readOrder(state.order);
  const fields = listFields(kind).filter((field) => isOrderable(kind, field));
  const put = (next: Order[]) => set({ order: printOrder(next) });
  const free = fields.find((field) => orders.every((one) => one.field !== field.name));
  return (
    <Stack gap={6}>
      {orders.map((order, at) => (
        <Group key={order.field} gap={6} wrap="nowrap">
          <Select
            flex={1}
            searchable
            allowDeselect={false}
            aria-label={t('level', { number: at + 1 })}
            data={fields
              .filter(({ name }) => name === order.field || orders.every((one) => one.field !== name))
              .map((field) => ({ value: field.name, label: labelText(labelOf(field)) }))}
            value={order.field}
            onChange={(field) => field && put(orders.with(at, { ...order, field }))}
          />
          <SegmentedControl
            data={[
              { value: 'up', label: t('sortUp') },
              { value: 'down', label: t('sortDown') },
            ]}
            value={order.desc ? 'down' : 'up'}
            onChange={(way) => put(orders.with(at, { ...order, desc: way === 'down' }))}
          />
          <ActionIcon
            aria-label={`${t('remove')}: ${t('level', { number: at + 1 })}`}
            onClick={() => put(orders.filter((one) => one !== order))}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Group justify="space-between">
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={13} />}
          disabled={!free || orders.length >= mostOrders}
          onClick={() => free && put([...orders, { field: free.name, desc: false }])}
        >
          {t('addLevel')}
        </Button>
        {orders.length > 0 && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => put([])}>
            {t('unsort')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
