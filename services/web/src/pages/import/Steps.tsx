// SPDX-License-Identifier: Apache-2.0
import classes from './Import.module.css';
import { useTexts } from './pageTexts';

const steps = ['file', 'columns', 'check', 'run'] as const;
export type Step = (typeof steps)[number];

export function Steps({ now }: { now: Step }) {
  const t = useTexts();
  return (
    <ol className={classes.steps} aria-label={t('steps')}>
      {steps.map((step, index) => (
        <li key={step} aria-current={step === now ? 'step' : undefined}>
          <span className={classes.number}>{index + 1}</span>
          {t(step)}
        </li>
      ))}
    </ol>
  );
}
