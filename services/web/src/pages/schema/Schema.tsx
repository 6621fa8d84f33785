// SPDX-License-Identifier: Apache-2.0
// Kinds at the left, what the chosen one holds at the right.
import { Button, Select } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { type Kind, useKinds } from '@/api/kinds';
import { allQuery } from '@/api/records';
import { later } from '@/app/offline/later';
import { pages } from '@/app/registry';
import { useIsPhone } from '@/app/shell/state';
import { useSchemaTexts } from '@/texts/schema';
import { Page } from '@/ui/Page';
import { asField, groupsOf, hasDrawnPage, type KindDefinition } from './definition';
import { KindFields, useRetire } from './KindFields';
import { useTexts } from './pageTexts';
import classes from './Schema.module.css';

const KindForm = later(() => import('./KindForm'));

interface Choice {
  kinds: Kind[];
  own: ReadonlyMap<string, KindDefinition>;
  chosen: string;
  onChoose: (name: string) => void;
}

function useGroups({ kinds, own }: Pick<Choice, 'kinds' | 'own'>) {
  const t = useTexts();
  return groupsOf(kinds, own).map((group) => ({ ...group, label: t(group.text) }));
}

function KindList({ chosen, onChoose, counts, ...choice }: Choice & { counts: ReadonlyMap<string, number> }) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  return (
    <nav aria-label={t('kinds')}>
      {useGroups(choice).map((group) => (
        <div key={group.label}>
          <div className={classes.group}>{group.label}</div>
          {group.kinds.map((kind) => (
            <button
              key={kind.name}
              type="button"
              className={classes.kind}
              aria-current={kind.name === chosen ? 'true' : undefined}
              onClick={() => onChoose(kind.name)}
            >
              {labelText(kind.label)}
              {!!counts.get(kind.name) && <span className={classes.count}>+{counts.get(kind.name)}</span>}
            </button>
          ))}
        </div>
      ))}
    </nav>
  );
}

function KindSelect({ chosen, onChoose, ...choice }: Choice) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  return (
    <Select
      searchable
      allowDeselect={false}
      aria-label={t('kinds')}
      data={useGroups(choice).map((group) => ({
        group: group.label,
        items: group.kinds.map((kind) => ({ value: kind.name, label: labelText(kind.label) })),
      }))}
      value={chosen}
      onChange={(name) => name && onChoose(name)}
    />
  );
}

function RetiredKinds({ kinds }: { kinds: KindDefinition[] }) {
  const t = useTexts();
  const retire = useRetire();
  if (kinds.length === 0) return null;
  return (
    <section aria-label={t('retiredKinds')}>
      <div className={classes.group}>{t('retiredKinds')}</div>
      {kinds.map((kind) => (
        <div key={kind.id} className={classes.retiredKind}>
          {kind.label}
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label={`${t('restore')}: ${kind.label}`}
            onClick={() => retire('custom_kinds', kind)}
          >
            {t('restore')}
          </Button>
        </div>
      ))}
    </section>
  );
}

export default function Schema() {
  const t = useTexts();
  const book = useKinds();
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const { kind: asked, place } = useSearch({ strict: false }) as { kind?: string; place?: string };
  const [isMaking, setMaking] = useState(false);
  const { data: rows } = useQuery(allQuery('custom_fields', { show_archived: true }));
  const { data: kindRows } = useQuery(allQuery('custom_kinds', { show_archived: true }));
  const fields = (rows ?? []).map(asField);
  const own = new Map((kindRows ?? []).map((row) => [String(row.name), row as unknown as KindDefinition]));
  const paths = pages.map((page) => page.path);
  const kinds = book.kinds.filter((kind) => kind.extensible || hasDrawnPage(kind, paths));
  const kind = kinds.find((one) => one.name === asked) ?? book.byName('customer') ?? kinds[0];
  const counts = new Map<string, number>();
  for (const field of fields)
    if (field.of && !field.archived) counts.set(field.of, (counts.get(field.of) ?? 0) + 1);
  const choose = (name: string, where = place) =>
    void navigate({ to: '/schema', search: { kind: name, ...(where ? { place: where } : {}) } as never });
  if (!kind) return null;
  const choice = { kinds, own, chosen: kind.name, onChoose: (name: string) => choose(name) };
  return (
    <Page
      title={t('title')}
      actions={
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
          {t('newKind')}
        </Button>
      }
    >
      <div className={classes.two}>
        <div className={classes.kinds}>
          {isPhone ? <KindSelect {...choice} /> : <KindList {...choice} counts={counts} />}
          <RetiredKinds kinds={[...own.values()].filter((one) => one.archived)} />
        </div>
        <KindFields
          key={kind.name}
          kind={kind}
          definition={own.get(kind.name)}
          fields={fields.filter((field) => field.of === kind.name)}
          place={place === 'layout' ? 'layout' : 'fields'}
          onPlace={(next) => choose(kind.name, next)}
        />
      </div>
      <Suspense>
        {isMaking && <KindForm onClose={() => setMaking(false)} onMade={(name) => choose(name, 'fields')} />}
      </Suspense>
    </Page>
  );
}
