/*
 * setting.c
 *		Settings of the extension: rows of bounce.setting.
 *
 * What a setting may be is in setting.def.  A trigger refuses another name or value
 * when it is stored, not when somebody's unsubscribe depends on it.
 *
 * Errors: 22023, with what it can be.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "owner.h"
#include "setting.h"
#include "state_args.h"

PG_FUNCTION_INFO_V1(bounce_setting_check);

#define INTERVAL_MAX_YEARS 1000

typedef enum SettingKind
{
	SETTING_WORD,
	SETTING_NAME,
	SETTING_INTERVAL
} SettingKind;

typedef struct Setting
{
	const char *name;
	SettingKind kind;
	const char *words;
	const char *otherwise;
	const char *is;
} Setting;

#define SETTING(name, kind, words, otherwise, is) {name, SETTING_##kind, words, otherwise, is},
static const Setting settings[] = {
#include "setting.def"
};
#undef SETTING

/* As the type reads it, but without an error; NULL, or what is wrong. */
static const char *
read_interval(const char *text, Interval *interval)
{
	static const Interval longest = {.month = INTERVAL_MAX_YEARS * MONTHS_PER_YEAR};
	char		buffer[MAXDATELEN + 1];
	char	   *field[MAXDATEFIELDS];
	int			type[MAXDATEFIELDS];
	int			fields;
	int			kind = DTK_DELTA;
	struct pg_itm_in parts = {0};

	if (ParseDateTime(text, buffer, sizeof(buffer), field, type, MAXDATEFIELDS, &fields) != 0 ||
		(DecodeInterval(field, type, fields, INTERVAL_FULL_RANGE, &kind, &parts) != 0 &&
		 DecodeISO8601Interval(unconstify(char *, text), &kind, &parts) != 0) ||
		kind != DTK_DELTA || itmin2interval(&parts, interval) != 0)
		return "It is not an interval.";
	/* A month less 29 days is nothing in February. */
	if (interval->month < 0 || interval->day < 0 || interval->time < 0 ||
		(interval->month == 0 && interval->day == 0 && interval->time == 0))
		return "It is not above zero.";
	if (DatumGetInt32(DirectFunctionCall2(interval_cmp, IntervalPGetDatum(interval), IntervalPGetDatum(&longest))) > 0)
		return "It is longer than that.";
	return NULL;
}

/* NULL: nothing */
static const char *
wrong_with(const Setting *setting, const char *value)
{
	Interval	interval;

	if (setting->kind == SETTING_INTERVAL)
		return read_interval(value, &interval);
	if (value[0] == '\0')
		return "It is empty.";
	if (setting->kind == SETTING_WORD &&
		(strchr(value, ' ') != NULL || strstr(setting->words, psprintf(" %s ", value)) == NULL))
		return "There is no such value.";
	return NULL;
}

static void
check(const Setting *setting, const char *value)
{
	const char *wrong = wrong_with(setting, value);

	if (wrong != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("setting \"%s\" cannot be \"%s\"", setting->name, clipped(value)),
				 errdetail("%s", wrong),
				 errhint("In bounce.setting it is %s.", setting->is)));
}

static const Setting *
setting_named(const char *name)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < (int) lengthof(settings); i++)
	{
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
		appendStringInfo(&names, "%s%s", i == 0 ? "" : i == (int) lengthof(settings) - 1 ? " and " : ", ", settings[i].name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown setting: \"%s\"", clipped(name)),
			 errdetail("Nothing would ever read it."),
			 errhint("Settings are %s.", names.data)));
}

char *
setting_text(const char *name)
{
	static KeptStatement statement = {
		"SELECT s.value FROM bounce.setting s WHERE s.name OPERATOR(pg_catalog.=) $1", 1, {TEXTOID}, NULL
	};
	const Setting *setting = setting_named(name);
	Datum		value = CStringGetTextDatum(name);
	char	   *text;

	kept_execute(&statement, &value, NULL, false);
	if (SPI_processed == 0)
		return setting->otherwise == NULL ? NULL : pstrdup(setting->otherwise);
	text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	check(setting, text);
	return text;
}

bool
setting_interval(const char *name, Interval *interval)
{
	const char *text = setting_text(name);

	return text != NULL && read_interval(text, interval) == NULL;
}

/* Trigger BEFORE INSERT OR UPDATE on bounce.setting, FOR EACH ROW */
Datum
bounce_setting_check(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	HeapTuple	row;
	const char *name;
	const char *value;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" must be called as a BEFORE INSERT OR UPDATE ROW trigger", "bounce.setting_check")));
	desc = RelationGetDescr(trigger->tg_relation);
	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
	name = SPI_getvalue(row, desc, SPI_fnumber(desc, "name"));
	value = SPI_getvalue(row, desc, SPI_fnumber(desc, "value"));
	/* A NULL is for the table to refuse. */
	if (name != NULL && value != NULL)
		check(setting_named(name), value);
	return PointerGetDatum(row);
}
