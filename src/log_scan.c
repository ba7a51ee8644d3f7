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
#include "access/itup.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "access/xact.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
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

/* A partition that is read. */
typedef struct PartScan
{
	IndexScanDesc scan;
	TupleTableSlot *row;
	Buffer		visibility;		/* of its visibility map, or invalid */
} PartScan;

static void scan_part(Relation heap, Oid failing, AddressLog *logs, int count, Span span);
static bool index_tells_all(PartScan *part);
static int	time_keys(ScanKeyData *keys, Span span);
static void note_attempt(AddressLog *log, IndexScanDesc scan, Span span);
static void note_event(AddressLog *log, TupleTableSlot *row, Span span);
static void sort_events(AddressLog *log);

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
	ScanKeyData keys[3];
	int			key_count = 1 + time_keys(keys + 1, span);
	PartScan	part = {
		.scan = index_begin(heap, index, GetActiveSnapshot(), key_count),
		.row = table_slot_create(heap, NULL),
		.visibility = InvalidBuffer
	};

	part.scan->xs_want_itup = true;
	for (int i = 0; i < count; i++)
	{
		text	   *address = cstring_to_text(logs[i].address);

		/* ScanKeyInit() compares under collation "C", as the index does. */
		ScanKeyInit(&keys[0], LOG_INDEX_RECIPIENT, BTEqualStrategyNumber, F_TEXTEQ, PointerGetDatum(address));
		index_rescan(part.scan, keys, key_count, NULL, 0);
		while (index_getnext_tid(part.scan, ForwardScanDirection) != NULL)
		{
			if (index_tells_all(&part))
				note_attempt(&logs[i], part.scan, span);
			else if (index_fetch_heap(part.scan, part.row))
				note_event(&logs[i], part.row, span);
		}
		pfree(address);
	}
	if (BufferIsValid(part.visibility))
		ReleaseBuffer(part.visibility);
	index_endscan(part.scan);
	ExecDropSingleTupleTableSlot(part.row);
	index_close(index, NoLock);
}

/* Of an attempt it does, when everybody sees its row. */
static bool
index_tells_all(PartScan *part)
{
	IndexScanDesc scan = part->scan;
	BlockNumber block = ItemPointerGetBlockNumber(&scan->xs_heaptid);
	bool		isnull;

	if (DatumGetBounceClass(index_getattr(scan->xs_itup, LOG_INDEX_CLASS, scan->xs_itupdesc, &isnull)) !=
			bounce_class_make(SEVERITY_ADMIN, REASON_SUPPRESSED) ||
		!VM_ALL_VISIBLE(scan->heapRelation, block, &part->visibility))
		return false;
	PredicateLockPage(scan->heapRelation, block, scan->xs_snapshot);
	return true;
}

/* Nearly always the log is whole and read to its end. */
static int
time_keys(ScanKeyData *keys, Span span)
{
	int			count = 0;

	if (span.from != DT_NOBEGIN)
		ScanKeyInit(&keys[count++], LOG_INDEX_OCCURRED_AT, BTGreaterEqualStrategyNumber, F_TIMESTAMPTZ_GE,
					TimestampTzGetDatum(span.from));
	if (span.until != DT_NOEND)
		ScanKeyInit(&keys[count++], LOG_INDEX_OCCURRED_AT, BTLessStrategyNumber, F_TIMESTAMPTZ_LT, TimestampTzGetDatum(span.until));
	return count;
}

/* Nothing but its time and its key matters (fold_log.c). */
static void
note_attempt(AddressLog *log, IndexScanDesc scan, Span span)
{
	bool		isnull;
	TimestampTz at = DatumGetTimestampTz(index_getattr(scan->xs_itup, LOG_INDEX_OCCURRED_AT, scan->xs_itupdesc, &isnull));

	if (at < span.until)
		*fold_log_event(log) = (LogEvent) {
			.event = {at, DT_NOBEGIN, bounce_class_make(SEVERITY_ADMIN, REASON_SUPPRESSED), SMTP_STATUS_NONE},
			.event_key = TextDatumGetCString(index_getattr(scan->xs_itup, LOG_INDEX_EVENT_KEY, scan->xs_itupdesc, &isnull))};
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
		if (log_event_compare(&log->events[i - 1], &log->events[i]) > 0)
		{
			qsort(log->events, log->event_count, sizeof(LogEvent), log_event_compare);
			return;
		}
	}
}
