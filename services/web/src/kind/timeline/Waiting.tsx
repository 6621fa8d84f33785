// SPDX-License-Identifier: Apache-2.0
// What was written down while no node answered: it stands where it will stand, and says that it waits.
import { Badge, Text } from '@mantine/core';
import { IconCloudUp } from '@tabler/icons-react';
import { useOutbox } from '@/api/queue';
import type { About } from './Composer';
import classes from './Timeline.module.css';
import { useTexts } from './texts';
import { waitingAbout } from './waiting';

const known = ['note', 'call', 'email', 'chat', 'meeting', 'task'] as const;

export function Waiting({ about }: { about: About }) {
  const t = useTexts();
  const entries = waitingAbout(useOutbox().waiting, about);
  if (!entries.length) return null;
  return (
    <ul className={classes.waiting} aria-label={t('waiting')}>
      {entries.map(({ key, way, text }) => {
        const named = known.find((one) => one === way);
        return (
          <li key={key} className={classes.entry}>
            <span className={classes.sign}>
              <IconCloudUp size={15} stroke={1.7} />
            </span>
            <div className={classes.what}>
              <Text size="sm" fw={600}>
                {named ? t(named) : way} <Badge color="yellow">{t('waiting')}</Badge>
              </Text>
              <Text size="sm" className={classes.text} lineClamp={6}>
                {text}
              </Text>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
