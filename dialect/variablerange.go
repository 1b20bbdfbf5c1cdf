package dialect

import (
	"slices"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Warnings of SET about variables.
const (
	warnDeprecatedVariable = 1287
	warnDeprecatedUpdate   = 1681
)

// unit is what the values of the variable are multiples of; MySQL rounds down to it.
func (v *Variable) unit() int64 {
	switch v.Name {
	case "join_buffer_size":
		return 128
	case "max_heap_table_size", "query_alloc_block_size", "query_prealloc_size", "range_alloc_block_size", "transaction_alloc_block_size",
		"transaction_prealloc_size":
		return 1024
	case "read_buffer_size", "select_into_buffer_size", "key_buffer_size", "binlog_cache_size", "binlog_stmt_cache_size":
		return 4096
	}
	return 1
}

// limits are the least and the greatest value of a variable with a fraction.
func (v *Variable) limits() (least, greatest float64) {
	switch v.Name {
	case "long_query_time":
		return 0, 31536000
	case "timestamp":
		return 0, 1<<31 - 1
	}
	return 0, 1 << 53
}

// Notes are MySQL's warnings of an assignment that has been Normalized to text; toDefault: the value is DEFAULT.
func (v *Variable) Notes(toDefault bool, value txn.Value, text string) []*mysqlerr.Error {
	var list []*mysqlerr.Error
	switch v.Name {
	case "profiling", "profiling_history_size", "query_prealloc_size", "transaction_prealloc_size", "max_length_for_sort_data":
		list = append(list, mysqlerr.Newf(warnDeprecatedVariable, "'@@%s' is deprecated and will be removed in a future release.", v.Name))
	case "default_collation_for_utf8mb4":
		list = append(list, mysqlerr.Newf(warnDeprecatedUpdate,
			"Updating 'default_collation_for_utf8mb4' is deprecated. It will be made read-only in a future release."))
	}
	if toDefault || value.IsNull() {
		return list
	}
	given := plainText(value)
	cut := false
	switch v.Kind {
	case VariableInteger, VariableCount:
		cut = given != text
	case VariableReal:
		a, _ := strconv.ParseFloat(given, 64) // it has been read before
		least, greatest := v.limits()
		cut = a < least || a > greatest
	}
	if cut {
		list = append(list, mysqlerr.New(mysql.ER_TRUNCATED_WRONG_VALUE, v.Name, given))
	}
	return list
}

// localeName is the locale of a name or number of lc_time_names or lc_messages; error 1649 of another.
func localeName(value txn.Value) (string, error) {
	names := localeNames()
	text := plainText(value)
	if n := value.Int64(); value.Kind() == txn.KindInteger && n >= 0 && n < int64(len(names)) {
		return names[n], nil
	}
	i := slices.IndexFunc(names, func(x string) bool { return strings.EqualFold(x, text) })
	if i < 0 || value.Kind() == txn.KindInteger {
		return "", mysqlerr.New(mysql.ER_UNKNOWN_LOCALE, text)
	}
	return names[i], nil
}

// localeNames lists MySQL's locales by number.
func localeNames() []string {
	return strings.Fields(`en_US en_GB ja_JP sv_SE de_DE fr_FR ar_AE ar_BH ar_JO ar_SA ar_SY be_BY bg_BG ca_ES cs_CZ da_DK de_AT es_ES et_EE eu_ES
fi_FI fo_FO gl_ES gu_IN he_IL hi_IN hr_HR hu_HU id_ID is_IS it_CH ko_KR lt_LT lv_LV mk_MK mn_MN ms_MY nb_NO nl_NL pl_PL
pt_BR pt_PT ro_RO ru_RU ru_UA sk_SK sl_SI sq_AL sr_RS ta_IN te_IN th_TH tr_TR uk_UA ur_PK vi_VN zh_CN zh_TW ar_DZ ar_EG
ar_IN ar_IQ ar_KW ar_LB ar_LY ar_MA ar_OM ar_QA ar_SD ar_TN ar_YE de_BE de_CH de_LU en_AU en_CA en_IN en_NZ en_PH en_ZA
en_ZW es_AR es_BO es_CL es_CO es_CR es_DO es_EC es_GT es_HN es_MX es_NI es_PA es_PE es_PR es_PY es_SV es_US es_UY es_VE
fr_BE fr_CA fr_CH fr_LU it_IT nl_BE no_NO sv_FI zh_HK el_GR rm_CH`)
}
