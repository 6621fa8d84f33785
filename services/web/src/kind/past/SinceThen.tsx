// SPDX-License-Identifier: Apache-2.0
import type { Field } from '@/api/kinds';
import type { Row } from '@/api/records';
import { isEmpty, Value } from '../field/Value';
import { sameValue } from '../save';
import { usePast } from './moment';
import classes from './Past.module.css';
import { useTexts } from './texts';

/** At a value of the past: what stands there now, if it is something else. */
export function SinceThen({ row, field }: { row: Row; field: Field }) {
  const t = useTexts();
  const past = usePast();
  if (!past) return null;
  const isUnknown = (row.unknown as string[] | undefined)?.includes(field.name);
  if (!isUnknown && sameValue(row[field.name], past.now[field.name])) return null;
  return (
    <div className={classes.since}>
      {isUnknown ? (
        t('unknownThen')
      ) : isEmpty(past.now[field.name]) ? (
        t('emptyNow')
      ) : (
        <>
          {t('now')} <Value field={field} value={past.now[field.name]} plain />
        </>
      )}
    </div>
  );
}
