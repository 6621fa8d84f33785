// SPDX-License-Identifier: Apache-2.0
// Records that other records refer to, by name. Each is read once, whichever cells show it.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { request } from '@/api/client';
import { type Kind, useKinds } from '@/api/kinds';
import { isStatus } from '@/api/problem';
import type { Row } from '@/api/records';
import { labelText } from '@/texts/schema';
import { Face } from '@/ui/light';
import classes from './Field.module.css';

/** How a record is called: by its title field, else by the first text that it says, else as one of its kind. */
export function nameOf(kind: Kind | undefined, row: Row | undefined): string {
  if (!row) return '';
  const named = kind?.title ? row[kind.title] : undefined;
  if (typeof named === 'string' && named) return named;
  const texts = (kind?.fields ?? []).filter(
    (field) => field.type === 'text' && !field.repeated && !field.meaning,
  );
  const said = texts.map((field) => row[field.name]).find((value) => typeof value === 'string' && value);
  return typeof said === 'string' ? said : `${kind ? labelText(kind.label) : ''} ${row.id.slice(-6)}`.trim();
}

export const namedQuery = (plural: string, id: string) =>
  queryOptions({
    queryKey: ['named', plural, id],
    // A record that is gone or hidden has no name; that is no failure of whoever refers to it.
    queryFn: async ({ signal }): Promise<Row | null> => {
      try {
        return await request<Row>('GET', `${plural}/${id}`, { signal });
      } catch (error) {
        if (isStatus(error, 404) || isStatus(error, 410) || isStatus(error, 403)) return null;
        throw error;
      }
    },
    staleTime: 5 * 60_000,
    meta: { live: { record: id } },
  });

export function useName(plural: string, id: string | undefined): string | undefined {
  const book = useKinds();
  const { data } = useQuery({ ...namedQuery(plural, id ?? ''), enabled: !!id });
  return data ? nameOf(book.byPlural(plural), data) : undefined;
}

interface ReferenceProps {
  plural: string;
  id: string;
  /** Text only: within something that is a link or a button itself. */
  plain?: boolean;
}

export function Reference({ plural, id, plain = false }: ReferenceProps) {
  const name = useName(plural, id);
  const isPerson = plural === 'users';
  const text = <span className={classes.text}>{name ?? '…'}</span>;
  const shown = isPerson ? (
    <span className={classes.person}>
      <Face name={name ?? ''} size={20} />
      {text}
    </span>
  ) : (
    text
  );
  if (plain || isPerson) return shown;
  return (
    <Link to={`/${plural}/${id}`} className={classes.link} onClick={(event) => event.stopPropagation()}>
      {text}
    </Link>
  );
}
