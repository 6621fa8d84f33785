// SPDX-License-Identifier: Apache-2.0
// German words are longer: on a phone every page of the administration still fits, and no button's or badge's words are cut.
import { expectFits, phone, settle, takeShot } from '../harness/look.ts';
import { expect, test } from '../harness/test.ts';

test.use({ locale: 'de-DE', viewport: phone });

/** Where, and what its tabs are called. */
const pages: [path: string, heading: string, ...tabs: string[]][] = [
  ['/access', 'Personen und Rechte'],
  ['/schema', 'Felder und Arten'],
  ['/automation', 'Automation', 'Abläufe', 'Läufe', 'Liegengebliebenes'],
  ['/webhooks', 'Webhooks'],
  ['/import', 'Import'],
  ['/admin/nodes', 'Knoten und Ströme', 'Ströme', 'Abonnenten'],
  ['/admin/audit', 'Protokoll'],
  ['/admin/privacy', 'Löschen und Fristen', 'Aufbewahrungsregeln'],
  ['/admin/pipelines', 'Pipelines'],
  ['/rules/new', 'Neue Regel'],
];

test('the administration in German fits a phone', async ({ enter }) => {
  test.slow();
  const ada = await enter('ada', '/access');
  const look = async (name: string) => {
    await settle(ada);
    await expectFits(ada, name);
    const cut = await ada.evaluate(() =>
      [...document.querySelectorAll('main .mantine-Button-label, main .mantine-Badge-label, main [data-tag], main [role="tab"]')]
        .filter((label) => label.scrollWidth > label.clientWidth + 1)
        .map((label) => label.textContent),
    );
    expect.soft(cut, `words that are cut on ${name}`).toEqual([]);
    await takeShot(ada, `german-${name.replaceAll(/\W+/g, '-')}`);
  };
  for (const [path, heading, ...tabs] of pages) {
    await ada.goto(new URL(path, ada.url()).href);
    await ada.getByRole('heading', { level: 1, name: heading }).waitFor();
    await look(path.slice(1));
    for (const tab of tabs) {
      await ada.getByRole('tab', { name: tab, exact: true }).click();
      await look(`${path.slice(1)}-${tab}`);
    }
  }
  // What stands beside the drawing at a desk comes over it.
  await ada.getByRole('button', { name: /^Anfang:/ }).click();
  await ada.getByRole('dialog').getByRole('textbox', { name: /^Name/ }).waitFor();
  await look('rule-begin');
});
