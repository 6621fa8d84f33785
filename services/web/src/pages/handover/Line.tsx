// SPDX-License-Identifier: Apache-2.0
// One hand-over: whom it is about, why, between whom, and by when it wants an answer.
import { Badge, Text, Tooltip } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { fieldOf, type Kind } from '@/api/kinds';
import { departments } from '@/app/area';
import { useTexts as useShellTexts } from '@/app/texts';
import { nameOf, Reference, useName } from '@/kind/field/Reference';
import { EnumBadge } from '@/kind/field/Value';
import { formatAgo, formatInstant } from '@/ui/format';
import { Actions } from './Actions';
import classes from './Handover.module.css';
import { type Handover, isLate } from './handover';
import { usePageTexts } from './pageTexts';

function Way({ handover: { from, to } }: { handover: Handover }) {
  const shell = useShellTexts();
  const t = usePageTexts();
  const name = (one: string | undefined) =>
    departments.some((known) => known === one) ? shell(one as 'sales') : (one ?? '');
  return (
    <span className={classes.way}>
      <Badge color="gray">{name(from)}</Badge>
      <IconArrowRight size={13} role="img" aria-label={t('way', { from: name(from), to: name(to) })} />
      <Badge color="gray">{name(to)}</Badge>
    </span>
  );
}

function When({ handover }: { handover: Handover }) {
  const t = usePageTexts();
  const late = isLate(handover, Date.now());
  if (handover.state !== 'offered')
    return handover.updated_at ? (
      <Tooltip label={formatInstant(handover.updated_at)}>
        <Text size="xs" c="dimmed">
          {formatAgo(handover.updated_at)}
        </Text>
      </Tooltip>
    ) : null;
  if (!handover.deadline) return null;
  const when = formatAgo(handover.deadline);
  return (
    <Tooltip label={formatInstant(handover.deadline)}>
      <Text size="xs" c={late ? 'var(--mantine-color-error)' : 'dimmed'} fw={late ? 600 : 400}>
        {t(late ? 'overdue' : 'until', { when })}
      </Text>
    </Tooltip>
  );
}

interface LineProps {
  kind: Kind;
  handover: Handover;
  /** The customer is known where it stands. */
  ofCustomer?: boolean;
}

export function Line({ kind, handover, ofCustomer = false }: LineProps) {
  const state = fieldOf(kind, 'state');
  const customer = useName('customers', ofCustomer ? undefined : handover.customer);
  return (
    <li className={classes.line}>
      <div className={classes.what}>
        <Link to={`/handovers/${handover.id}`} className={classes.title}>
          {ofCustomer ? nameOf(kind, handover) : (customer ?? '…')}
        </Link>
        {!ofCustomer && <Text size="sm">{handover.reason}</Text>}
        {handover.answer && (
          <Text size="sm" c="dimmed" className={classes.answer}>
            {handover.answer}
          </Text>
        )}
        <span className={classes.facts}>
          <Way handover={handover} />
          {state && handover.state && handover.state !== 'offered' && (
            <EnumBadge field={state} name={handover.state} />
          )}
          <When handover={handover} />
          {handover.deal && <Reference plural="deals" id={handover.deal} />}
          {handover.ticket && <Reference plural="tickets" id={handover.ticket} />}
        </span>
      </div>
      <Actions kind={kind} handover={handover} />
    </li>
  );
}
