/*
 * log_scan.c
 *		Events of many addresses, read from the log's partitions by their index.
 *
 * Through SQL each event is formed, copied and sorted on its way.  Here one scan goes
 * through a partition after the other, and in each from address to address in the order
 * of its index, so that pages are found where the address before has left them.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "event_row.h"
#include "log_scan.h"
#include "log_table.h"
#include "types.h"

/* Half open */
typedef struct Span
{
	TimestampTz from;
	TimestampTz until;
} Span;

static void scan_part(Relation heap, Oid failing, AddressLog *logs, int count, Span span);
static int	time_keys(ScanKeyData *keys, Span span);
static void note_event(AddressLog *log, TupleTableSlot *row, Span span);
static void sort_events(AddressLog *log);
static int	event_compare(const void *a, const void *b);

bool
log_scan_events(AddressLog *logs, int count, TimestampTz from, TimestampTz until)
{
	const Span	span = {from, until};
	LogTable	table;

	if (!log_table_open(&table, from, until, AccessShareLock))
		return false;
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	for (int i = 0; i < table.count; i++)
	{
		/* A serializable transaction must be known to have looked. */
		if (table.heaps[i] != NULL && (IsolationIsSerializable() || RelationGetNumberOfBlocks(table.heaps[i]) > 0))
			scan_part(table.heaps[i], table.parts[i].failing, logs, count, span);
	}
	PopActiveSnapshot();
	log_table_close(&table);
	for (int i = 0; i < count; i++)
		sort_events(&logs[i]);
	return true;
}

static void
scan_part(Relation heap, Oid failing, AddressLog *logs, int count, Span span)
{
	Relation	index = index_open(failing, AccessShareLock);
	TupleTableSlot *row = table_slot_create(heap, NULL);
	ScanKeyData keys[3];
	int			key_count = 1 + time_keys(keys + 1, span);
	IndexScanDesc scan = index_begin(heap, index, GetActiveSnapshot(), key_count);

	for (int i = 0; i < count; i++)
	{
		text	   *address = cstring_to_text(logs[i].address);

		/* ScanKeyInit() compares under collation "C", as the index does. */
		ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_TEXTEQ, PointerGetDatum(address));
		index_rescan(scan, keys, key_count, NULL, 0);
		while (index_getnext_tid(scan, ForwardScanDirection) != NULL)
			if (index_fetch_heap(scan, row))
				note_event(&logs[i], row, span);
		pfree(address);
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	index_close(index, NoLock);
}

/* Nearly always the log is whole and read to its end. */
static int
time_keys(ScanKeyData *keys, Span span)
{
	int			count = 0;

	if (span.from != DT_NOBEGIN)
		ScanKeyInit(&keys[count++], 2, BTGreaterEqualStrategyNumber, F_TIMESTAMPTZ_GE, TimestampTzGetDatum(span.from));
	if (span.until != DT_NOEND)
		ScanKeyInit(&keys[count++], 2, BTLessStrategyNumber, F_TIMESTAMPTZ_LT, TimestampTzGetDatum(span.until));
	return count;
}

static void
note_event(AddressLog *log, TupleTableSlot *row, Span span)
{
	const Datum *values = row->tts_values;
	const bool *nulls = row->tts_isnull;
	TimestampTz at;
	LogEvent   *event;

	slot_getsomeattrs(row, EVENT_SENT_AT);
	at = DatumGetTimestampTz(values[EVENT_OCCURRED_AT - 1]);
	if (at >= span.until)
		return;
	event = fold_log_event(log);
	event->event.at = at;
	event->event.sent_at = nulls[EVENT_SENT_AT - 1] ? DT_NOBEGIN : DatumGetTimestampTz(values[EVENT_SENT_AT - 1]);
	event->event.klass = DatumGetBounceClass(values[EVENT_CLASS - 1]);
	event->event.status = nulls[EVENT_STATUS - 1] ? SMTP_STATUS_NONE : DatumGetSmtpStatus(values[EVENT_STATUS - 1]);
	event->event_key = TextDatumGetCString(values[EVENT_EVENT_KEY - 1]);
	event->message_id = nulls[EVENT_MESSAGE_ID - 1] ? NULL : TextDatumGetCString(values[EVENT_MESSAGE_ID - 1]);
}

/* They come in order but where an address has events in several partitions, or several at one time. */
static void
sort_events(AddressLog *log)
{
	for (int i = 1; i < log->event_count; i++)
	{
		if (event_compare(&log->events[i - 1], &log->events[i]) > 0)
		{
			qsort(log->events, log->event_count, sizeof(LogEvent), event_compare);
			return;
		}
	}
}

static int
event_compare(const void *a, const void *b)
{
	const LogEvent *one = a;
	const LogEvent *other = b;

	if (one->event.at != other->event.at)
		return one->event.at < other->event.at ? -1 : 1;
	return strcmp(one->event_key, other->event_key);
}
