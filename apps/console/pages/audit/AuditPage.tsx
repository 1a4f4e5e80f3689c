/** What staff did and looked at, newest first. What is looked for stands in the address, so that it can be sent on. */
import { type AuditAction, type AuditLine } from "@chepiao/contracts";
import { navigate, useAddress, withQuery } from "@chepiao/ui";
import { Button, Descriptions, Form, Input, Select, Table, type TableColumnsType, Tag } from "antd";
import { ask } from "../../lib/api.ts";
import { secondOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { MoreButton, usePages } from "../../lib/Pages.tsx";
import { Trouble } from "../../lib/Trouble.tsx";

type Asked = { readonly who?: string; readonly subject?: string; readonly action?: AuditAction };

export function AuditPage() {
  const messages = useMessages();
  const { query } = useAddress();
  const asked: Asked = Object.fromEntries(
    ["who", "subject", "action"].flatMap((field) => (query.get(field) ? [[field, query.get(field)]] : [])),
  );
  const pages = usePages(["audit", asked], async (before, signal) => {
    const { entries, next } = await ask(
      "GET /api/operations/audit",
      { query: { ...asked, ...(before === undefined ? {} : { before }) } },
      { signal },
    );
    return { rows: entries, next };
  });

  return (
    <>
      <Filters asked={asked} key={query.toString()} />
      {pages.isError && <Trouble error={pages.error} again={() => void pages.refetch()} />}
      <Table<AuditLine>
        rowKey="entryId"
        size="small"
        columns={columnsIn(messages)}
        dataSource={pages.rows}
        loading={pages.isPending}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: messages.empty }}
        expandable={{ expandedRowRender: detailsOf, rowExpandable: hasMore }}
      />
      <MoreButton pages={pages} />
    </>
  );
}

function Filters({ asked }: { readonly asked: Asked }) {
  const messages = useMessages();
  const address = useAddress();
  const { actions, anyAction, whoHint, subjectHint } = messages.audit;
  const search = ({ who, subject, action }: Asked) =>
    navigate(
      withQuery(address, { who: who?.trim() ?? null, subject: subject?.trim() ?? null, action: action ?? null }),
    );
  return (
    <Form<Asked> className="filters" layout="inline" initialValues={asked} onFinish={search} role="search">
      <Form.Item name="who" noStyle>
        <Input placeholder={whoHint} aria-label={whoHint} allowClear style={{ width: 160 }} />
      </Form.Item>
      <Form.Item name="subject" noStyle>
        <Input placeholder={subjectHint} aria-label={subjectHint} allowClear style={{ width: 220 }} />
      </Form.Item>
      <Form.Item name="action" noStyle>
        <Select<AuditAction>
          placeholder={anyAction}
          aria-label={anyAction}
          allowClear
          style={{ width: 200 }}
          options={(Object.keys(actions) as AuditAction[]).map((value) => ({ value, label: actions[value] }))}
        />
      </Form.Item>
      <Button type="primary" htmlType="submit">
        {messages.search}
      </Button>
    </Form>
  );
}

function columnsIn({ audit, roles }: ReturnType<typeof useMessages>): TableColumnsType<AuditLine> {
  return [
    { title: audit.at, dataIndex: "at", render: (at: string) => <span className="mono">{secondOf(at)}</span> },
    {
      title: audit.who,
      render: (_, { who, role, door }) => (
        <>
          {who} <span className="quiet">{role ? roles[role] : audit.doors[door]}</span>
        </>
      ),
    },
    {
      title: audit.action,
      render: (_, { action, isDryRun }) => (
        <>
          {audit.actions[action]} {isDryRun && <Tag>{audit.dryRun}</Tag>}
        </>
      ),
    },
    { title: audit.subject, dataIndex: "subject" },
    { title: audit.what, dataIndex: "what" },
    { title: audit.outcome, render: (_, line) => <Outcome line={line} /> },
  ];
}

const colors = { done: "green", refused: "orange", failed: "red" } as const;

function Outcome({ line: { outcome, action } }: { readonly line: AuditLine }) {
  const { audit } = useMessages();
  if (outcome) return <Tag color={colors[outcome]}>{audit.outcomes[outcome]}</Tag>;
  // A look has no outcome; an act without one is still going on, or its process died in it.
  return action.startsWith("read") ? null : <Tag color="red">{audit.open}</Tag>;
}

const hasMore = ({ reason, before, after }: AuditLine) => [reason, before, after].some((each) => each !== null);

const detailsOf = (line: AuditLine) => <Details line={line} />;

function Details({ line }: { readonly line: AuditLine }) {
  const { audit } = useMessages();
  const items = (["reason", "before", "after"] as const).flatMap((field) =>
    line[field] === null ? [] : [{ key: field, label: audit[field], children: line[field] }],
  );
  return <Descriptions size="small" column={1} items={items} />;
}
