--
-- What holds for every object of the extension.  Each query lists what breaks
-- the rule above it, so each must come back empty.
--
CREATE TEMP VIEW member AS
	SELECT classid, objid, pg_describe_object(classid, objid, 0) AS object
	FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'bounce_ext');

CREATE TEMP VIEW member_function AS
	SELECT p.*, p.oid::regprocedure AS signature
	FROM member JOIN pg_proc AS p ON classid = 'pg_proc'::regclass AND objid = p.oid;

-- everything is in schema bounce
SELECT object FROM member, pg_identify_object(classid, objid, 0) AS i
WHERE i.schema <> 'bounce' ORDER BY object COLLATE "C";

-- everything says what it is for (array types and the row types of tables, which
-- PostgreSQL 17 counts as members, cannot)
SELECT object FROM member JOIN pg_class AS catalog ON catalog.oid = classid
	LEFT JOIN pg_type AS t ON classid = 'pg_type'::regclass AND t.oid = objid
	LEFT JOIN pg_class AS c ON c.oid = t.typrelid
WHERE obj_description(objid, catalog.relname) IS NULL
	AND t.typcategory IS DISTINCT FROM 'A' AND coalesce(c.relkind, 'c') = 'c'
ORDER BY object COLLATE "C";

-- and so does every column of a table, view or type (a partition's are those of its table)
SELECT c.oid::regclass AS relation, attname
FROM member JOIN pg_class AS c ON classid = 'pg_class'::regclass AND c.oid = objid JOIN pg_attribute ON attrelid = c.oid AND attnum > 0
WHERE relkind IN ('r', 'p', 'v', 'm', 'c') AND NOT relispartition AND col_description(c.oid, attnum) IS NULL
ORDER BY c.oid::regclass::text COLLATE "C", attname;

-- functions are in C, or in SQL with a body that is parsed when it is defined
SELECT signature, lanname FROM member_function JOIN pg_language AS l ON l.oid = prolang
WHERE lanname <> 'c' AND (lanname <> 'sql' OR prosqlbody IS NULL) AND prokind <> 'a'
ORDER BY signature::text COLLATE "C";

-- what always answers the same can do so in parallel
SELECT signature FROM member_function
WHERE provolatile = 'i' AND proparallel <> 's' AND prokind <> 'a'
ORDER BY signature::text COLLATE "C";

-- not everybody may call what reads or writes state; two look only at the clock
-- and at the arguments of a trigger, two refuse all but the owner of the extension
SELECT signature FROM member_function
WHERE provolatile <> 'i' AND has_function_privilege('public', oid, 'EXECUTE')
	AND proname NOT IN ('quarantined', 'attachment_options', 'grant_access', 'revoke_access')
ORDER BY signature::text COLLATE "C";

-- nor may everybody see it
SELECT object FROM member
WHERE classid = 'pg_class'::regclass
	AND has_table_privilege('public', objid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
ORDER BY object COLLATE "C";

DROP VIEW member_function, member;
