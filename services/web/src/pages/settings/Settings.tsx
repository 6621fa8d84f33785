// SPDX-License-Identifier: Apache-2.0
import { Button, Group, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSession } from '@/api/session';
import { type Density, prefer, type Scheme, usePreferences } from '@/app/preferences';
import { navigation } from '@/app/registry';
import { NoticeWays } from '@/app/shell/Notices';
import { entriesOf } from '@/app/shell/navigation';
import { show } from '@/app/shell/state';
import { useWorkspace } from '@/app/workspace';
import { currencies } from '@/kind/field/codes';
import { type Language, languages } from '@/texts';
import { formatInstant, formatMoney, formatNumber, useForms } from '@/ui/format';
import { Page } from '@/ui/Page';
import { Account } from './Account';
import { useTexts } from './pageTexts';
import classes from './Settings.module.css';
import { useTitles } from './texts';

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <Title order={2} size="h3">
        {title}
      </Title>
      {children}
    </section>
  );
}

const regions = [
  'de-DE',
  'de-AT',
  'de-CH',
  'en-GB',
  'en-IE',
  'en-US',
  'fr-FR',
  'es-ES',
  'it-IT',
  'nl-NL',
  'pl-PL',
  'sv-SE',
];

/** Pages that stand in the sidebar of where the person works: one of them is what the app begins with. */
function StartPage() {
  const t = useTexts();
  const session = useSession();
  const { workspace } = useWorkspace();
  const { startPage } = usePreferences();
  const shown = { sidebar: {}, sidebarHidden: [], sidebarGroups: [] };
  const places = [workspace, 'all', 'administration'] as const;
  return (
    <Select
      label={t('startPage')}
      placeholder={t('asWorkspace')}
      clearable
      value={startPage || null}
      onChange={(next) => prefer({ startPage: next ?? '' })}
      data={entriesOf(navigation, [...places], session, shown).map(({ path, label }) => ({
        value: path,
        label: label(),
      }))}
    />
  );
}

function Look() {
  const t = useTexts();
  const { scheme, density } = usePreferences();
  return (
    <Section title={t('look')}>
      <div>
        <Text size="sm" mb={4}>
          {t('scheme')}
        </Text>
        <SegmentedControl
          aria-label={t('scheme')}
          value={scheme}
          onChange={(next) => prefer({ scheme: next as Scheme })}
          data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(value) }))}
        />
      </div>
      <div>
        <Text size="sm" mb={4}>
          {t('density')}
        </Text>
        <SegmentedControl
          aria-label={t('density')}
          value={density}
          onChange={(next) => prefer({ density: next as Density })}
          data={(['compact', 'normal', 'roomy'] as const).map((value) => ({ value, label: t(value) }))}
        />
      </div>
      <StartPage />
      <Group>
        <Button variant="default" onClick={() => show('arrange')}>
          {t('arrange')}
        </Button>
      </Group>
    </Section>
  );
}

function Forms() {
  const t = useTexts();
  useForms();
  const { language, region, timeZone, currency } = usePreferences();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Section title={t('forms')}>
      <Select
        label={t('language')}
        allowDeselect={false}
        value={language}
        onChange={(next) => next && prefer({ language: next as Language })}
        data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
      />
      <Select
        label={t('region')}
        placeholder={t('asLanguage')}
        clearable
        searchable
        value={region || null}
        onChange={(next) => prefer({ region: next ?? '' })}
        data={regions}
      />
      <Select
        label={t('timeZone')}
        placeholder={t('asMachine', { zone })}
        clearable
        searchable
        limit={80}
        value={timeZone || null}
        onChange={(next) => prefer({ timeZone: next ?? '' })}
        data={Intl.supportedValuesOf('timeZone')}
      />
      <Select
        label={t('currency')}
        allowDeselect={false}
        searchable
        value={currency}
        onChange={(next) => next && prefer({ currency: next })}
        data={currencies}
      />
      <Text size="sm" c="dimmed">
        {t('example', {
          number: formatNumber(1234567.5),
          money: formatMoney({ amount_minor: 1_234_550, currency }),
          instant: formatInstant(new Date().toISOString()),
        })}
      </Text>
    </Section>
  );
}

export default function Settings() {
  const t = useTexts();
  const title = useTitles();
  const { user } = useSession();
  return (
    <Page title={title('title')}>
      <Stack className={classes.page}>
        <Look />
        <Forms />
        {user && (
          <>
            <Section title={t('notices')}>
              <NoticeWays />
            </Section>
            <Section title={t('account')}>
              <Account />
            </Section>
          </>
        )}
      </Stack>
    </Page>
  );
}
