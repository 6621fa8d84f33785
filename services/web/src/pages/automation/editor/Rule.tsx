// SPDX-License-Identifier: Apache-2.0
import { useParams } from '@tanstack/react-router';
import { Editor } from './Editor';

export default function Rule() {
  const { id } = useParams({ strict: false }) as { id?: string };
  return <Editor plural="rules" id={id} />;
}
