// SPDX-License-Identifier: Apache-2.0
// Runs whose panel is not open, small, for the shell: also those that another tab is at.
import { Progress, Text, UnstyledButton } from '@mantine/core';
import { useForms } from '@/ui/format';
import classes from './Bulk.module.css';
import { isOver, type Run } from './run';
import { setOpen, useRuns } from './runs';
import { shareOf, useStanding } from './standing';
import { useTexts } from './texts';

function RunLine({ run }: { run: Run }) {
  const t = useTexts();
  const standing = useStanding(run);
  const failed = run.failed ? t('failed', { count: run.failed }) : undefined;
  return (
    <UnstyledButton className={classes.line} onClick={() => setOpen(run.id, true)} data-run={run.state}>
      <Text size="xs" fw={550} truncate component="span" display="block">
        {run.label}
      </Text>
      {!isOver(run) && <Progress size={3} my={4} aria-label={run.label} value={shareOf(run)} />}
      <Text
        size="xs"
        c={failed ? 'var(--mantine-color-error)' : 'dimmed'}
        truncate
        component="span"
        display="block"
      >
        {failed ?? standing}
      </Text>
    </UnstyledButton>
  );
}

export default function RunLines() {
  useForms();
  const { runs, open } = useRuns();
  return runs.filter((run) => !open.has(run.id)).map((run) => <RunLine key={run.id} run={run} />);
}
