// SPDX-License-Identifier: Apache-2.0
import { SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type Kind, useKinds } from '@/api/kinds';
import { useTexts as useShellTexts } from '@/app/texts';
import { useSchemaTexts } from '@/texts/schema';
import { groupBy } from '@/ui/groups';
import { Page } from '@/ui/Page';
import classes from './Records.module.css';
import { useTexts } from './texts';

function KindCard({ kind }: { kind: Kind }) {
  const t = useTexts();
  const { pluralText } = useSchemaTexts();
  return (
    <Link to={`/${kind.plural}`} className={classes.card}>
      <Text fw={600}>{pluralText(kind.plural)}</Text>
      <Text size="xs" c="dimmed">
        {t('fields', { count: kind.fields.length })}
      </Text>
    </Link>
  );
}

export default function Records() {
  const t = useTexts();
  const shell = useShellTexts();
  const { kinds } = useKinds();
  const groupOf = (kind: Kind) =>
    kind.internal ? t('inner') : kind.owner === 'any' ? t('shared') : shell(kind.owner as 'sales');
  const groups = [...groupBy(kinds, groupOf)].sort(
    ([a], [b]) => Number(a === t('inner')) - Number(b === t('inner')),
  );
  return (
    <Page title={t('all')}>
      <Stack p="lg" gap="lg">
        <Text c="dimmed">{t('hint')}</Text>
        {groups.map(([title, all]) => (
          <section key={title}>
            <Title order={2} mb="xs">
              {title}
            </Title>
            <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="xs">
              {all.map((kind) => (
                <KindCard key={kind.plural} kind={kind} />
              ))}
            </SimpleGrid>
          </section>
        ))}
      </Stack>
    </Page>
  );
}
