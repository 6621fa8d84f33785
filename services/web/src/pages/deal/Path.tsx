// SPDX-License-Identifier: Apache-2.0
// Stages one behind the other, each a button that moves the deal there; at the end won and lost.
import { Badge, Button, Group, Text } from '@mantine/core';
import { IconCheck, IconLockOpen, IconThumbDown, IconTrophy } from '@tabler/icons-react';
import { Suspense } from 'react';
import { fieldOf, type Kind } from '@/api/kinds';
import { later } from '@/app/offline/later';
import { choiceText } from '@/kind/field/choice';
import { useMomentShown } from '@/kind/past/moment';
import { formatAgo, formatDuration } from '@/ui/format';
import classes from './Deal.module.css';
import { type Deal, staysOf, timeIn } from './deal';
import { usePageTexts } from './pageTexts';
import { usePath } from './usePath';

const CommandForm = later(() => import('@/kind/record/CommandForm'));

/** How it ended, and why. */
function Ending({ kind, deal }: { kind: Kind; deal: Deal }) {
  const t = usePageTexts();
  const reason = fieldOf(kind, 'lost_reason');
  const isLost = deal.state === 'lost';
  return (
    <Group gap={8} wrap="nowrap" className={classes.ending}>
      <Badge color={isLost ? 'gray' : 'teal'} size="lg">
        {t(isLost ? 'lost' : 'won')}
      </Badge>
      <Text size="sm" truncate>
        {isLost && reason && deal.lost_reason && <b>{choiceText(reason, deal.lost_reason)}</b>}
        {isLost && deal.lost_note && ` · ${deal.lost_note}`}
        {deal.closed_at && (
          <Text span size="sm" c="dimmed">
            {isLost && ' · '}
            {t('closedWhen', { when: formatAgo(deal.closed_at) })}
          </Text>
        )}
      </Text>
    </Group>
  );
}

export function Path({ kind, deal }: { kind: Kind; deal: Deal }) {
  const t = usePageTexts();
  const { stages, at, isOpen, ways, wayTo, asking, close } = usePath(kind, deal);
  const shown = useMomentShown();
  const times = timeIn(staysOf(deal, shown));
  const timeOf = (stage: string) => {
    const ms = times.get(stage);
    // Room is for one unit: "3 d".
    return ms === undefined ? '' : formatDuration(ms).split(' ').slice(0, 2).join(' ');
  };
  return (
    <div className={classes.pathRow}>
      <ol className={classes.path} aria-label={t('path')} data-closed={!isOpen || undefined}>
        {stages.map((stage, index) => {
          const name = stage.value ?? '';
          const go = wayTo(stage);
          const time = timeOf(name);
          const isHere = index === at;
          const label = isHere ? t('here', { stage: name }) : go ? t('moveTo', { stage: name }) : name;
          return (
            <li
              key={stage.key}
              data-here={(isHere && isOpen) || undefined}
              data-passed={index < at || undefined}
            >
              <button
                type="button"
                className={classes.stage}
                aria-current={isHere ? 'step' : undefined}
                aria-label={time ? `${label} (${t('been', { stage: name, time })})` : label}
                disabled={!go && !isHere}
                onClick={go}
              >
                {index < at && <IconCheck size={14} aria-hidden />}
                <span className={classes.stageName}>{name}</span>
                {time && <span className={classes.stageTime}>{time}</span>}
              </button>
            </li>
          );
        })}
      </ol>
      {!isOpen && <Ending kind={kind} deal={deal} />}
      <Group gap={6} wrap="nowrap">
        {ways.win && (
          <Button variant="light" color="teal" leftSection={<IconTrophy size={14} />} onClick={ways.win}>
            {t('won')}
          </Button>
        )}
        {ways.lose && (
          <Button variant="default" leftSection={<IconThumbDown size={14} />} onClick={ways.lose}>
            {t('lost')}
          </Button>
        )}
        {ways.reopen && (
          <Button variant="default" leftSection={<IconLockOpen size={14} />} onClick={ways.reopen}>
            {t('reopen')}
          </Button>
        )}
      </Group>
      {asking?.step.command && (
        <Suspense>
          <CommandForm
            kind={kind}
            row={asking.row}
            command={asking.step.command}
            run={asking.run}
            onClose={close}
          />
        </Suspense>
      )}
    </div>
  );
}
