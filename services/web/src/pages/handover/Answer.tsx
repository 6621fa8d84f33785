// SPDX-License-Identifier: Apache-2.0
// At the side of a hand-over's own page: the answer that it waits for.
import { Text } from '@mantine/core';
import type { PanelProps } from '@/app/area';
import { departments } from '@/app/area';
import { useTexts as useShellTexts } from '@/app/texts';
import { useWorkspace } from '@/app/workspace';
import { useForms } from '@/ui/format';
import { Actions } from './Actions';
import classes from './Handover.module.css';
import { type Handover, verbsOf } from './handover';
import { usePageTexts } from './pageTexts';

export default function Answer({ kind, row }: PanelProps) {
  const t = usePageTexts();
  const shell = useShellTexts();
  useForms();
  const { own } = useWorkspace();
  const handover = row as Handover;
  if (handover.state !== 'offered') return null;
  const to = departments.find((one) => one === handover.to);
  return (
    <section className={classes.card} aria-label={t('answer')}>
      <Text fw={600} size="sm" mb={6}>
        {t('answer')}
      </Text>
      <Actions kind={kind} handover={handover} />
      {to && verbsOf(handover, own).length === 0 && (
        <Text size="sm" c="dimmed">
          {t('elsewhere', { department: shell(to) })}
        </Text>
      )}
    </section>
  );
}
