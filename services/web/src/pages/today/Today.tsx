// SPDX-License-Identifier: Apache-2.0
// Where a day in sales or marketing begins.
import { SimpleGrid } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useKinds } from '@/api/kinds';
import { useMay, useSession } from '@/api/session';
import { useWorkspace } from '@/app/workspace';
import { useForms } from '@/ui/format';
import { Page } from '@/ui/Page';
import { boxesOf, type Day, greetingOf, tonightOf } from './boxes';
import { Figures } from './Figures';
import { List } from './List';
import { usePageTexts } from './pageTexts';
import { Stages } from './Stages';
import classes from './Today.module.css';
import { useTexts } from './texts';

/** Midnight ahead; a page that stays open over night asks for the new day. */
function useTonight(): Date {
  const [tonight, setTonight] = useState(() => tonightOf(new Date()));
  useEffect(() => {
    const timer = setTimeout(() => setTonight(tonightOf(new Date())), tonight.getTime() - Date.now() + 1000);
    return () => clearTimeout(timer);
  }, [tonight]);
  return tonight;
}

export default function Today() {
  const t = usePageTexts();
  const own = useTexts();
  useForms();
  const book = useKinds();
  const may = useMay();
  const { user } = useSession();
  const { workspace } = useWorkspace();
  const tonight = useTonight();
  const day: Day = { user: user?.id ?? '', department: workspace, tonight };
  const canRead = (plural: string) => {
    const kind = book.byPlural(plural);
    return !!kind && may('read', kind.name);
  };
  const name = user?.name ?? '';
  const title = name ? t(greetingOf(new Date().getHours()), { name }) : own('title');
  return (
    <Page title={title} tabTitle={own('title')}>
      <div className={classes.page}>
        <Figures day={day} plurals={canRead} />
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
          {workspace !== 'marketing' && canRead('deals') && <Stages />}
          {boxesOf(day).map((box) => {
            const kind = canRead(box.plural) ? book.byPlural(box.plural) : undefined;
            return kind && <List key={box.name} box={box} kind={kind} />;
          })}
        </SimpleGrid>
      </div>
    </Page>
  );
}
