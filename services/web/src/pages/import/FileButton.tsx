// SPDX-License-Identifier: Apache-2.0
// A place to drop a file, with a button for those who would rather choose it.
import { Button, FileButton, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import classes from './Import.module.css';
import { useTexts } from './pageTexts';

const accepted = '.csv,.tsv,.txt,.json,.jsonl,.ndjson,.vcf,.vcard';

export function DropFile({ onFile, isBusy = false }: { onFile: (file: File) => void; isBusy?: boolean }) {
  const t = useTexts();
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same without a mouse
    <div
      className={classes.drop}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileUpload size={28} stroke={1.4} aria-hidden />
      <Text size="sm">{t('drop')}</Text>
      <FileButton onChange={(file) => file && onFile(file)} accept={accepted}>
        {(props) => (
          <Button {...props} loading={isBusy}>
            {t('choose')}
          </Button>
        )}
      </FileButton>
    </div>
  );
}
