package expression

import (
	"strings"

	"marmot/schemas"
)

// derivedTypes are the types that MySQL gives at PREPARE to parameters that are a function's arguments, a letter each, the last one for all
// that follow: i BIGINT, n DECIMAL, f DOUBLE, d DATE, t DATETIME, m TIME, j JSON, g a geometry, b bytes. What is left is a string.
const derivedTypes = `
f abs acos asin ceiling cos cot degrees exp floor format_bytes format_pico_time ln log10 log2 radians rand sign sin sleep sqrt tan atan log pow
i bin from_days inet_ntoa last_insert_id oct ps_thread_id random_bytes space makedate period_add period_diff char interval conv st_geohash
ni round truncate
iin maketime
nis format
n sec_to_time
ns from_unixtime
d date
di adddate subdate date_add date_sub
t day dayofmonth dayname dayofweek dayofyear hour last_day microsecond minute month monthname quarter second time to_days to_seconds unix_timestamp
t weekday weekofyear year datediff
st timestampdiff timestampadd
ti week yearweek
tm timestamp
ts date_format time_format
tss convert_tz
m time_to_sec addtime subtime
is if elt make_set benchmark
isssi export_set
ssii regexp_instr regexp_substr
sssii regexp_replace
ssi locate substring_index
siis insert
si left repeat right sha2 uuid_to_bin bin_to_uuid get_lock substring
sis lpad rpad st_geomfromtext st_geomfromwkb
sf wait_for_executed_gtid_set
j json_merge_patch json_merge_preserve json_merge json_depth json_pretty json_storage_free json_storage_size json_type json_valid
js json_contains_path json_extract json_remove json_keys json_length
jss json_contains json_search
jsjs json_array_append json_array_insert json_insert json_replace json_set
jii st_geomfromgeojson
b bit_count
g linestring multilinestring multipoint multipolygon polygon geomcollection st_area st_centroid st_convexhull st_dimension st_endpoint st_envelope
g st_exteriorring st_geometrytype st_isclosed st_isempty st_issimple st_isvalid st_numgeometries st_numinteriorrings st_numpoints st_startpoint
g st_swapxy st_validate st_distance st_frechetdistance st_hausdorffdistance st_contains st_crosses st_difference st_disjoint st_equals
g st_intersection st_intersects st_length st_makeenvelope st_overlaps st_symdifference st_touches st_union st_within mbrcontains mbrcoveredby
g mbrcovers mbrdisjoint mbrequals mbrintersects mbroverlaps mbrtouches mbrwithin
gf st_latitude st_lineinterpolatepoint st_lineinterpolatepoints st_longitude st_pointatdistance st_simplify st_x st_y
gi st_geometryn st_interiorringn st_pointn st_srid st_asgeojson
gs st_asbinary st_astext
gfs st_buffer
ggf st_distance_sphere
f point
`

// derivedTypesOf is derivedTypes by function.
func derivedTypesOf() map[string]string {
	table := map[string]string{}
	for line := range strings.Lines(strings.TrimSpace(derivedTypes)) {
		words := strings.Fields(line)
		for _, name := range words[1:] {
			table[name] = words[0]
		}
	}
	return table
}

// derive notes what a call wants of the parameters among its arguments.
func (f *function) derive(args []Operand) {
	if f.derived == "" {
		return
	}
	for i, a := range args {
		if !a.Param {
			continue
		}
		var t schemas.Type
		switch f.derived[min(i, len(f.derived)-1)] {
		case 'i':
			t = bigint()
		case 'n':
			t = decimal(maxPrecision, maxScale)
		case 'f':
			t = double()
		case 'd':
			t = DateArgument.Type("")
		case 't':
			t = DateTimeArgument.Type("")
		case 'm':
			t = TimeArgument.Type("")
		case 'j':
			t = jsonType()
		case 'g':
			t = schemas.Type{Kind: schemas.Geometry}
		case 'b':
			t = schemas.Type{Kind: schemas.VarBinary}
		default:
			continue
		}
		want(a, t)
	}
}
