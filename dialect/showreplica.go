package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// replicaColumns are the columns of SHOW REPLICA STATUS.
const replicaColumns = `Replica_IO_State varchar(14)!, Source_Host varchar(256)!, Source_User varchar(97)!, Source_Port int unsigned!,
Connect_Retry int unsigned!, Source_Log_File varchar(512)!, Read_Source_Log_Pos bigint unsigned!, Relay_Log_File varchar(512)!,
Relay_Log_Pos bigint unsigned!, Relay_Source_Log_File varchar(512)!, Replica_IO_Running varchar(3)!, Replica_SQL_Running varchar(3)!,
Replicate_Do_DB varchar(20)!, Replicate_Ignore_DB varchar(20)!, Replicate_Do_Table varchar(20)!, Replicate_Ignore_Table varchar(23)!,
Replicate_Wild_Do_Table varchar(24)!, Replicate_Wild_Ignore_Table varchar(28)!, Last_Errno int unsigned!, Last_Error varchar(20)!,
Skip_Counter int unsigned!, Exec_Source_Log_Pos bigint unsigned!, Relay_Log_Space bigint unsigned!, Until_Condition varchar(6)!,
Until_Log_File varchar(512)!, Until_Log_Pos bigint unsigned!, Source_SSL_Allowed varchar(7)!, Source_SSL_CA_File varchar(512)!,
Source_SSL_CA_Path varchar(512)!, Source_SSL_Cert varchar(512)!, Source_SSL_Cipher varchar(512)!, Source_SSL_Key varchar(512)!,
Seconds_Behind_Source bigint unsigned!, Source_SSL_Verify_Server_Cert varchar(3)!, Last_IO_Errno int unsigned!, Last_IO_Error varchar(20)!,
Last_SQL_Errno int unsigned!, Last_SQL_Error varchar(20)!, Replicate_Ignore_Server_Ids varchar(512)!, Source_Server_Id int unsigned!,
Source_UUID varchar(36)!, Source_Info_File varchar(1024)!, SQL_Delay int unsigned!, SQL_Remaining_Delay int unsigned!,
Replica_SQL_Running_State varchar(20)!, Source_Retry_Count bigint unsigned!, Source_Bind varchar(256)!, Last_IO_Error_Timestamp varchar(20)!,
Last_SQL_Error_Timestamp varchar(20)!, Source_SSL_Crl varchar(512)!, Source_SSL_Crlpath varchar(512)!, Retrieved_Gtid_Set varchar(0)!,
Executed_Gtid_Set varchar(41)!, Auto_Position int unsigned!, Replicate_Rewrite_DB varchar(24)!, Channel_Name varchar(192)!,
Source_TLS_Version varchar(512)!, Source_public_key_path varchar(512)!, Get_Source_public_key int unsigned!, Network_Namespace varchar(193)!`

// nothing is the result of a SHOW about what Marmot does not have.
func nothing(columns string) *Plan {
	return rowsPlan(columns, func(Environment, func([]txn.Value) error) error { return nil })
}

// planShowReplica plans the forms of SHOW about replication from a source, of which there is none: the nodes
// share a log. The words of before 8.0.22 are no statements any more.
func planShowReplica(s *textReader) (*Plan, error) {
	const hosts = "Server_Id int unsigned!, Host varchar(255)!, Port int unsigned!, Source_Id int unsigned!, Replica_UUID varchar(36)!"
	channel := func(p *Plan) (*Plan, error) {
		if s.accept("FOR", "CHANNEL") {
			s.word()
		}
		return p, s.finish()
	}
	switch {
	case s.accept("REPLICA", "STATUS"):
		return channel(nothing(replicaColumns))
	case s.accept("REPLICAS"):
		return replicas(hosts), s.finish()
	case s.accept("RELAYLOG", "EVENTS"):
		return planRelaylogEvents(s)
	case s.accept("BINLOG", "EVENTS"):
		return planBinlogEvents(s)
	}
	return nil, nil
}

// Replica is a row of SHOW REPLICAS.
type Replica struct {
	ServerID uint32
	Host     string
	Port     uint16
	UUID     string
}

// replicas plans the list of those that read the binary log.
func replicas(columns string) *Plan {
	return rowsPlan(columns, func(e Environment, row func([]txn.Value) error) error {
		lists, ok := server(e).(interface{ Replicas() []Replica })
		if !ok {
			return nil
		}
		source := txn.Int(1)
		if v, err := e.SystemVariable("global", "server_id"); err == nil {
			source = v
		}
		for _, r := range lists.Replicas() {
			if err := row([]txn.Value{unsigned(uint64(r.ServerID)), text(r.Host), count(int(r.Port)), source, text(r.UUID)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// planShowEngine plans SHOW ENGINE name STATUS and MUTEX. The engine has no report to give.
func planShowEngine(s *textReader) (*Plan, error) {
	name := strings.ToLower(s.name())
	word := s.one("STATUS", "MUTEX", "LOGS")
	if word == "" {
		s.wrong()
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	switch name {
	case "innodb":
		name = "InnoDB"
	case "performance_schema", "archive", "blackhole", "csv", "memory", "mrg_myisam", "myisam":
	default:
		return nil, mysqlerr.New(mysql.ER_UNKNOWN_STORAGE_ENGINE, name)
	}
	const columns = "Type varchar(10)!, Name varchar(512)!, Status varchar(10)!"
	if name != "InnoDB" || word != "STATUS" {
		return nothing(columns), nil
	}
	return rowsPlan(columns, func(_ Environment, row func([]txn.Value) error) error {
		return row([]txn.Value{text(name), text(""), text("")})
	}), nil
}

// planShowProfile plans SHOW PROFILE: no statement is profiled.
func planShowProfile(s *textReader) (*Plan, error) {
	if kind := s.one("ALL", "BLOCK", "CONTEXT", "CPU", "IPC", "MEMORY", "PAGE", "SOURCE", "SWAPS"); kind != "" {
		return nil, unsupported("SHOW PROFILE " + kind)
	}
	if s.accept("FOR") {
		s.expect("QUERY")
		s.number()
	}
	s.limit()
	return nothing("Status varchar(30)!, Duration decimal(9,6)!"), s.finish()
}
