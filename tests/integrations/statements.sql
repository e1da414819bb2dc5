-- Statements over the tables of test_sqlglot.py, each up to a semicolon at the end of a line.

-- names and literals
SELECT [a], `a`, "a", t.a, main.t.a, rowid, t.*, * FROM main.t;
SELECT a 'b c', 'Box' 'source', a AS 'd', 1 AS [e f] FROM 't';
SELECT 'it''s', 'a\b', '"', 'a
b', '', x'6162', X'6A', 0x1f, 0XFF, 1e5, .5, 5., 1_000, -1, TRUE, NULL;
SELECT a /* why */, -- and how; 'so'
b FROM t -- to the end
;

-- functions
SELECT ifnull(a, b), iif(a, b, c), instr(a, 'b'), substr(a, 1), substring(a, 1, 2), length(a), replace(a, 'x', 'y'),
nullif(a, b), coalesce(a, b), char(65), unicode(a), printf('%d', 1), trim(a), ltrim(a, 'x'), concat(a, b),
concat_ws(',', a), round(a, 2), glob('a', b), like('a', b), log(2, 3), mod(7, 2), pow(a, 2), hex(a), unhex(a) FROM t;
SELECT date(a), date('now', '-1 day'), datetime(a, 'unixepoch'), time(a), strftime('%Y', a), strftime('%Y'),
julianday(a), unixepoch('now'), timediff(a, b), current_timestamp, CURRENT_DATE, current_time FROM t;
SELECT MyFunction(a), date_trunc('month', a), now() - 1 FROM t;
SELECT a ->> '$.x', a -> 'x' ->> 'y', a ->> 0, json_extract(a, '$.x'), json_extract(a, '$.x', '$.y'), json(a),
json_object('k', a), json_array(a -> 'x', 1 -> 'x'), json_each.value FROM t, json_each(t.a);
SELECT max(a, b), min(a, 1) FROM t;
SELECT count(*), count(DISTINCT a), max(a), total(c), group_concat(a), group_concat(a, '; '),
group_concat(a, ',' ORDER BY b DESC), string_agg(a, ','), json_group_array(a), sum(c) FILTER (WHERE a > 1) FROM t;
SELECT row_number() OVER (PARTITION BY a ORDER BY b DESC), lag(a, 1, 0) OVER w, nth_value(a, 2) OVER (ORDER BY b
ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE TIES), count(*) OVER () FROM t
WINDOW w AS (ORDER BY b RANGE BETWEEN 1 PRECEDING AND CURRENT ROW);
SELECT CAST(a AS TIMESTAMP), CAST(a AS DATE), CAST(a AS VARCHAR(10)), CAST(a AS UNSIGNED BIG INT),
CAST(a AS BOOLEAN), CAST(a AS DECIMAL(10, 2)), CAST(a AS BLOB), CAST(a AS MyType) FROM t;

-- operators
SELECT +a, +a + +b, - -a, ~ ~a, ~~a, NOT NOT a FROM t WHERE +d = 1;
SELECT a % b, a / c, c / 2, a << 1 >> 2, a & b | c, a == b, a <> b, a != b, a || b || c FROM t;
SELECT a ->> 'x' || b, a || b ->> 'c', a ->> 1 + 1, -a ->> 'x', a -> ~c << 1 FROM t;
SELECT a IS b, a IS NOT b, a IS NOT DISTINCT FROM b, a IS DISTINCT FROM b, a IS TRUE, a IS NOT FALSE,
a IS NULL || b, a IS NOT NULL + 1 FROM t;
SELECT a = b IS NOT NULL, a = b NOTNULL, a = b NOT IN (1), a = NOT b IN (1), NOT a = b IS NULL, a < b = c, NOT a IN (1) FROM t;
SELECT a NOTNULL < b, a ISNULL < b, a NOT NULL < b, a ISNULL = b, a ISNULL IS NOT NULL, NOT a NOTNULL <= b FROM t;
SELECT 1 FROM t WHERE a NOT IN (1, 2) AND b IS NOT NULL AND d NOT LIKE 'x%' ESCAPE '\' OR c NOT BETWEEN 1 AND 2
AND a NOTNULL AND b NOT NULL AND d ISNULL AND a NOT GLOB 'x*' AND NOT (a OR b);
SELECT a FROM t WHERE a REGEXP 'x' AND b NOT REGEXP 'y' AND a MATCH 'z' AND NOT b MATCH 'z' AND a NOT MATCH 'z';
SELECT a FROM t WHERE a IN v AND b IN () AND (a, b) IN ((1, 2), (3, 4)) AND (a, b) = (1, 2) AND d IN (SELECT e FROM u);
SELECT a COLLATE NOCASE = b FROM t ORDER BY a COLLATE BINARY DESC NULLS LAST, b NULLS FIRST, 1 ASC;
SELECT CASE a WHEN 1 THEN 2 ELSE 3 END, CASE WHEN a THEN b END, EXISTS (SELECT 1 FROM u WHERE u.c = t.c),
NOT EXISTS (SELECT 1), (SELECT max(e) FROM u) FROM t;

-- tables
SELECT * FROM t, u WHERE t.d = u.e;
SELECT * FROM t, u JOIN files ON u.c = files.id AND t.a = 1, u AS v;
SELECT * FROM t JOIN u LEFT JOIN files ON u.c = id CROSS JOIN u AS v INNER JOIN u AS w USING (c);
SELECT * FROM t NATURAL JOIN u LEFT OUTER JOIN v USING (e);
SELECT * FROM t RIGHT JOIN files ON a = id FULL JOIN v ON 1;
SELECT * FROM (t JOIN u ON t.c = u.c) LEFT JOIN (files JOIN u AS v ON 1) ON t.a = id;
SELECT * FROM t INDEXED BY by_d WHERE d = 1;
SELECT * FROM t NOT INDEXED WHERE d = 1;
SELECT s.key FROM json_tree('[1, 2]') AS s, json_each('[1]', '$') j;
SELECT * FROM (SELECT a FROM t ORDER BY b LIMIT 5, 10) AS v, (VALUES (1, 2), (3, 4)) WHERE column1 > 1;

-- queries
WITH RECURSIVE tree(id, depth) AS (SELECT '0', 0 UNION ALL SELECT f.id, depth + 1 FROM files f, tree
WHERE f.parent_id = tree.id) SELECT id, depth FROM tree;
WITH v AS MATERIALIZED (SELECT a FROM t), w(z) AS NOT MATERIALIZED (SELECT a FROM v) SELECT * FROM v, w;
SELECT a FROM t UNION ALL SELECT e FROM u EXCEPT SELECT 3 INTERSECT SELECT 4 UNION SELECT 5 ORDER BY 1 LIMIT 3;
SELECT ALL a FROM t GROUP BY a, b HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT 10 OFFSET 5;
SELECT DISTINCT a FROM t LIMIT 5, 10;
SELECT a FROM t LIMIT -1 OFFSET 2 * 3;
VALUES (1, 2), (3, 4);

-- writes
INSERT INTO t (a, b) VALUES (1, 'x'), (2, NULL) RETURNING c, a AS z;
INSERT OR IGNORE INTO t (a) SELECT e FROM u WHERE TRUE ON CONFLICT (a, b) DO UPDATE SET d = excluded.d WHERE d > 1;
INSERT INTO t DEFAULT VALUES;
INSERT INTO main.t AS x (a) VALUES (1) ON CONFLICT DO NOTHING;
REPLACE INTO t (a, b) VALUES (1, 2);
WITH v AS (SELECT 1 AS z) REPLACE INTO t (a) SELECT z FROM v;
UPDATE t SET a = 1, (b, d) = (SELECT 1, 2) FROM u WHERE t.c = u.c RETURNING *;
WITH v AS (SELECT 'UPDATE' AS z) UPDATE OR IGNORE t SET a = z FROM v;
DELETE FROM t WHERE c = 1 RETURNING c;
WITH v AS (SELECT 1) DELETE FROM t WHERE a IN v;
