// SPDX-License-Identifier: Apache-2.0
// The class that analytics gives the customer, with what it follows from.
import { Badge, Group, Progress, Stack, Text } from '@mantine/core';
import type { PanelProps } from '@/app/area';
import { useSchemaTexts } from '@/texts/schema';
import { formatAgo, formatMoney, type Money, useForms } from '@/ui/format';
import { Card } from './Card';
import { useTexts } from './pageTexts';

interface Class {
  name?: string;
  recency?: number;
  frequency?: number;
  money?: number;
  purchases?: number;
  last_purchase?: string;
  spent?: Money;
}
const scores = ['recency', 'frequency', 'money'] as const;

export default function Standing({ row }: PanelProps) {
  const t = useTexts();
  useForms();
  const { valueText } = useSchemaTexts();
  const standing = row.class as Class | undefined;
  if (!standing?.name) return null;
  return (
    <Card title={t('standing')}>
      <Stack gap={8}>
        <Group gap="xs">
          <Badge color="indigo">{valueText(standing.name)}</Badge>
          {standing.spent && (
            <Text size="sm" fw={600}>
              {formatMoney(standing.spent)}
            </Text>
          )}
        </Group>
        {scores.map((score) => (
          <div key={score}>
            <Group justify="space-between">
              <Text size="xs" c="dimmed">
                {t(score)}
              </Text>
              <Text size="xs">{t('ofFive', { value: standing[score] ?? 0 })}</Text>
            </Group>
            <Progress
              size={5}
              value={(standing[score] ?? 0) * 20}
              aria-label={`${t(score)}: ${t('ofFive', { value: standing[score] ?? 0 })}`}
            />
          </div>
        ))}
        <Text size="xs" c="dimmed">
          {t('purchases', { count: standing.purchases ?? 0 })}
          {standing.last_purchase && ` · ${t('lastPurchase', { when: formatAgo(standing.last_purchase) })}`}
        </Text>
      </Stack>
    </Card>
  );
}
