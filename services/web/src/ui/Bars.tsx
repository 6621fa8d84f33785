// SPDX-License-Identifier: Apache-2.0
// Shares as bars, one below the other, each a link to the list that it counts.
import { Link } from '@tanstack/react-router';
import classes from './Bars.module.css';
import { formatNumber } from './format';

export interface Bar {
  name: string;
  label: string;
  count: number;
  /** Beside the label; default: the count. */
  figures?: string;
  /** The list that it stands for. */
  to: string;
  /** undefined: there is no such list. */
  filter: string | undefined;
}

function OneBar({ bar, most }: { bar: Bar; most: number }) {
  const inner = (
    <>
      <span className={classes.head}>
        <span className={classes.name}>{bar.label}</span>
        <span className={classes.figures}>{bar.figures ?? formatNumber(bar.count)}</span>
      </span>
      <span className={classes.track}>
        <span className={classes.fill} style={{ width: `${(100 * bar.count) / most}%` }} />
      </span>
    </>
  );
  return (
    <li>
      {bar.filter === undefined ? (
        <div className={classes.bar}>{inner}</div>
      ) : (
        <Link to={bar.to} search={{ filter: bar.filter } as never} className={classes.bar}>
          {inner}
        </Link>
      )}
    </li>
  );
}

export function Bars({ bars }: { bars: Bar[] }) {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <ul className={classes.bars}>
      {bars.map((bar) => (
        <OneBar key={bar.name} bar={bar} most={most} />
      ))}
    </ul>
  );
}
