package dialect

import (
	"slices"

	"marmot/accounts"
	"marmot/schemas"
	"marmot/txn"
)

// visibleAccounts are the accounts whose grants the session may see: its own, and all with SELECT on the database mysql.
func visibleAccounts(e Environment) []*accounts.Account {
	list := directoryOf(e).Accounts()
	set := restricted(e)
	if set == nil || set.Database("mysql")&accounts.Select != 0 {
		return list
	}
	if a := directoryOf(e).Find(set.Name); a != nil {
		return []*accounts.Account{a}
	}
	return nil
}

// namedRow makes a row of a catalog table of the values that are known by name; the others are NULL, or empty.
func namedRow(v *virtualTable, known map[string]txn.Value) []txn.Value {
	values := make([]txn.Value, len(v.Columns))
	for i := range v.Columns {
		c := &v.Columns[i]
		x, ok := known[c.Name]
		switch {
		case ok:
			values[i] = x
		case c.Nullable:
		case c.Type.IsInteger():
			values[i] = count(0)
		case c.Type.IsBlob():
			values[i] = txn.Blob([]byte{})
		default:
			values[i] = text("")
		}
	}
	return values
}

func yesNo(b bool) txn.Value {
	if b {
		return text("Y")
	}
	return text("N")
}

// numberOrNull is NULL for a policy that is DEFAULT.
func numberOrNull(n *int64) txn.Value {
	if n == nil {
		return txn.Null()
	}
	return txn.Int(*n)
}

// userRows is mysql.user. The verifiers stand in it as in MySQL; who may not read the table sees none.
func userRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	v := lookupVirtual("mysql", "user")
	for _, a := range directoryOf(e).Accounts() {
		p := &a.Password
		known := map[string]txn.Value{"Host": text(a.Host), "User": text(a.User), "plugin": text(a.Plugin), "authentication_string": text(string(a.Verifier)),
			"ssl_type": text(a.TLS.Kind), "ssl_cipher": txn.Blob([]byte(a.TLS.Cipher)), "x509_issuer": txn.Blob([]byte(a.TLS.Issuer)),
			"x509_subject": txn.Blob([]byte(a.TLS.Subject)), "max_questions": txn.Int(a.Limits.Queries), "max_updates": txn.Int(a.Limits.Updates),
			"max_connections": txn.Int(a.Limits.Connections), "max_user_connections": txn.Int(a.Limits.UserConnections),
			"password_expired": yesNo(p.Expired), "account_locked": yesNo(a.Locked), "password_lifetime": numberOrNull(p.LifetimeDays),
			"Password_reuse_history": numberOrNull(p.History), "Password_reuse_time": numberOrNull(p.ReuseDays)}
		accounts.Columns(func(column string, bit accounts.Privilege) { known[column] = yesNo(a.Global&bit != 0) })
		if p.ChangedUS > 0 {
			known["password_last_changed"] = createdText(p.ChangedUS)
		}
		if p.RequireOld != nil {
			known["Password_require_current"] = yesNo(*p.RequireOld)
		}
		if attributes := a.UserAttributes(); attributes != "" {
			known["User_attributes"] = text(attributes)
		}
		if err := row(namedRow(v, known)); err != nil {
			return err
		}
	}
	return nil
}

// databaseGrantRows is mysql.db.
func databaseGrantRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	v := lookupVirtual("mysql", "db")
	for _, a := range directoryOf(e).Accounts() {
		for _, g := range a.Databases {
			known := map[string]txn.Value{"Host": text(a.Host), "Db": text(g.Database), "User": text(a.User)}
			accounts.Columns(func(column string, bit accounts.Privilege) { known[column] = yesNo(g.Privileges&bit != 0) })
			if err := row(namedRow(v, known)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tableGrantRows is mysql.tables_priv.
func tableGrantRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range directoryOf(e).Accounts() {
		for _, g := range a.Tables {
			columns := accounts.Privilege(0)
			for _, p := range g.Columns {
				columns |= p
			}
			if err := row([]txn.Value{text(a.Host), text(g.Database), text(a.User), text(g.Table), text(g.Grantor), createdText(g.AtUS),
				text(g.Privileges.TableSet()), text(columns.TableSet())}); err != nil {
				return err
			}
		}
	}
	return nil
}

// columnGrantRows is mysql.columns_priv.
func columnGrantRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range directoryOf(e).Accounts() {
		for _, g := range a.Tables {
			for _, c := range sortedColumns(g.Columns) {
				if err := row([]txn.Value{text(a.Host), text(g.Database), text(a.User), text(g.Table), text(c), createdText(g.AtUS),
					text(g.Columns[c].TableSet())}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func sortedColumns(columns map[string]accounts.Privilege) []string {
	list := make([]string, 0, len(columns))
	for c := range columns {
		list = append(list, c)
	}
	slices.Sort(list)
	return list
}

// routineGrantRows is mysql.procs_priv.
func routineGrantRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range directoryOf(e).Accounts() {
		for _, g := range a.Routines {
			if err := row([]txn.Value{text(a.Host), text(g.Database), text(a.User), text(g.Name), text(g.Kind()), text(g.Grantor),
				text(g.Privileges.RoutineSet()), createdText(g.AtUS)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// proxyRows is mysql.proxies_priv.
func proxyRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range directoryOf(e).Accounts() {
		for _, g := range a.Proxies {
			grant := 0
			if g.Grant {
				grant = 1
			}
			if err := row([]txn.Value{text(a.Host), text(a.User), text(g.Proxied.Host), text(g.Proxied.User), count(grant), text(g.Grantor),
				createdText(g.AtUS)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// roleEdgeRows is mysql.role_edges.
func roleEdgeRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range directoryOf(e).Accounts() {
		for _, g := range a.Roles {
			if err := row([]txn.Value{text(g.Role.Host), text(g.Role.User), text(a.Host), text(a.User), yesNo(g.Admin)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// defaultRoleRows is mysql.default_roles.
func defaultRoleRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range directoryOf(e).Accounts() {
		for _, n := range a.Default {
			if err := row([]txn.Value{text(a.Host), text(a.User), text(n.Host), text(n.User)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// globalGrantRows is mysql.global_grants.
func globalGrantRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range directoryOf(e).Accounts() {
		for _, d := range accounts.DynamicNames() {
			grantable, held := a.Dynamic[d]
			if !held {
				continue
			}
			if err := row([]txn.Value{text(a.User), text(a.Host), text(d), yesNo(grantable)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// oldPasswordRows is mysql.password_history.
func oldPasswordRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range directoryOf(e).Accounts() {
		for _, p := range a.Password.Old {
			if err := row([]txn.Value{text(a.Host), text(a.User), createdText(p.AtUS), text(string(p.Verifier))}); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachPrivilege calls each with the names of the privileges, or USAGE, and whether they may be passed on.
func eachPrivilege(p accounts.Privilege, each func(name, grantable string) error) error {
	grantable := "NO"
	if p&accounts.GrantOption != 0 {
		grantable = "YES"
	}
	list := p.Names()
	if len(list) == 0 {
		list = []string{"USAGE"}
	}
	for _, name := range list {
		if err := each(name, grantable); err != nil {
			return err
		}
	}
	return nil
}

// privilegeRows is information_schema.USER_PRIVILEGES.
func privilegeRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range visibleAccounts(e) {
		grantee := text(a.Name.Quoted())
		err := eachPrivilege(a.Global, func(name, grantable string) error {
			return row([]txn.Value{grantee, text("def"), text(name), text(grantable)})
		})
		if err != nil {
			return err
		}
		for _, d := range accounts.DynamicNames() {
			grantable, held := a.Dynamic[d]
			if !held {
				continue
			}
			if err := row([]txn.Value{grantee, text("def"), text(d), yes(grantable)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// schemaPrivilegeRows is information_schema.SCHEMA_PRIVILEGES.
func schemaPrivilegeRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range visibleAccounts(e) {
		for _, g := range a.Databases {
			err := eachPrivilege(g.Privileges, func(name, grantable string) error {
				return row([]txn.Value{text(a.Name.Quoted()), text("def"), text(g.Database), text(name), text(grantable)})
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// tablePrivilegeRows is information_schema.TABLE_PRIVILEGES.
func tablePrivilegeRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range visibleAccounts(e) {
		for _, g := range a.Tables {
			if g.Privileges == 0 {
				continue
			}
			err := eachPrivilege(g.Privileges, func(name, grantable string) error {
				return row([]txn.Value{text(a.Name.Quoted()), text("def"), text(g.Database), text(g.Table), text(name), text(grantable)})
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// columnPrivilegeRows is information_schema.COLUMN_PRIVILEGES.
func columnPrivilegeRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, a := range visibleAccounts(e) {
		for _, g := range a.Tables {
			for _, c := range sortedColumns(g.Columns) {
				err := eachPrivilege(g.Columns[c]|g.Privileges&accounts.GrantOption, func(name, grantable string) error {
					return row([]txn.Value{text(a.Name.Quoted()), text("def"), text(g.Database), text(g.Table), text(c), text(name), text(grantable)})
				})
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// roleRow is a row of APPLICABLE_ROLES.
type roleRow struct {
	grantee              accounts.Name
	role                 accounts.Name
	admin, def, required bool
}

// applicableRoles lists the roles that the session's account has, those of roles too.
func applicableRoles(e Environment) (own accounts.Name, list []roleRow) {
	g, ok := e.(Granting)
	if !ok {
		return own, nil
	}
	d, mandatory := g.Accounts(), g.Mandatory()
	own = accounts.ParsePlain(e.CurrentUser())
	var defaults []accounts.Name
	if a := d.Find(own); a != nil {
		defaults = a.Default
	}
	d.EachGranted(own, func(grantee accounts.Name, r accounts.RoleGrant) {
		list = append(list, roleRow{grantee, r.Role, r.Admin, slices.Contains(defaults, r.Role), slices.Contains(mandatory, r.Role)})
	})
	for _, m := range mandatory {
		if d.Find(m) != nil && !slices.ContainsFunc(list, func(r roleRow) bool { return r.role == m }) {
			list = append(list, roleRow{own, m, false, slices.Contains(defaults, m), true})
		}
	}
	return own, list
}

// applicableRoleRows is information_schema.APPLICABLE_ROLES, or, of administrable ones only, ADMINISTRABLE_ROLE_AUTHORIZATIONS.
func applicableRoleRows(administrable bool) virtualRows {
	return func(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
		own, list := applicableRoles(e)
		for _, r := range list {
			if administrable && !r.admin {
				continue
			}
			if err := row([]txn.Value{text(own.User), text(own.Host), text(r.grantee.User), text(r.grantee.Host), text(r.role.User), text(r.role.Host),
				yes(r.admin), yes(r.def), yes(r.required)}); err != nil {
				return err
			}
		}
		return nil
	}
}

// enabledRoleRows is information_schema.ENABLED_ROLES.
func enabledRoleRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	g, ok := e.(Granting)
	if !ok {
		return nil
	}
	set, d := g.Privileges(), g.Accounts()
	var defaults []accounts.Name
	if a := d.Find(set.Name); a != nil {
		defaults = a.Default
	}
	mandatory := g.Mandatory()
	list := slices.Clone(set.Roles)
	for _, active := range set.Roles {
		d.EachGranted(active, func(_ accounts.Name, r accounts.RoleGrant) {
			if !slices.Contains(list, r.Role) {
				list = append(list, r.Role)
			}
		})
	}
	for _, n := range list {
		if err := row([]txn.Value{text(n.User), text(n.Host), yes(slices.Contains(defaults, n)), yes(slices.Contains(mandatory, n))}); err != nil {
			return err
		}
	}
	return nil
}

// enabledGrants calls each with the accounts of the roles that are active.
func enabledGrants(e Environment, each func(a *accounts.Account) error) error {
	g, ok := e.(Granting)
	if !ok {
		return nil
	}
	for _, n := range g.Privileges().Roles {
		if a := g.Accounts().Find(n); a != nil {
			if err := each(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// roleTableGrantRows is information_schema.ROLE_TABLE_GRANTS.
func roleTableGrantRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return enabledGrants(e, func(a *accounts.Account) error {
		for _, g := range a.Tables {
			grantor := accounts.ParsePlain(g.Grantor)
			grantable := g.Privileges&accounts.GrantOption != 0
			if g.Privileges == 0 {
				continue
			}
			if err := row([]txn.Value{text(grantor.User), text(grantor.Host), text(a.User), text(a.Host), text("def"), text(g.Database), text(g.Table),
				text(g.Privileges.TableSet()), yes(grantable)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// roleColumnGrantRows is information_schema.ROLE_COLUMN_GRANTS.
func roleColumnGrantRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return enabledGrants(e, func(a *accounts.Account) error {
		for _, g := range a.Tables {
			grantor := accounts.ParsePlain(g.Grantor)
			for _, c := range sortedColumns(g.Columns) {
				if err := row([]txn.Value{text(grantor.User), text(grantor.Host), text(a.User), text(a.Host), text("def"), text(g.Database), text(g.Table),
					text(c), text(g.Columns[c].TableSet()), yes(g.Privileges&accounts.GrantOption != 0)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// roleRoutineGrantRows is information_schema.ROLE_ROUTINE_GRANTS.
func roleRoutineGrantRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return enabledGrants(e, func(a *accounts.Account) error {
		for _, g := range a.Routines {
			grantor := accounts.ParsePlain(g.Grantor)
			if err := row([]txn.Value{text(grantor.User), text(grantor.Host), text(a.User), text(a.Host), text("def"), text(g.Database), text(g.Name),
				text("def"), text(g.Database), text(g.Name), text(g.Privileges.RoutineSet()), yes(g.Privileges&accounts.GrantOption != 0)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// userAttributeRows is information_schema.USER_ATTRIBUTES.
func userAttributeRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	list := visibleAccounts(e)
	if set := restricted(e); set != nil && set.Global()&accounts.CreateUser != 0 {
		list = directoryOf(e).Accounts()
	}
	for _, a := range list {
		if err := row([]txn.Value{text(a.User), text(a.Host), optional(a.AttributeText())}); err != nil {
			return err
		}
	}
	return nil
}

// accountContents says which tables about accounts have rows.
func accountContents() map[virtualKey]virtualRows {
	const is, my = "information_schema", "mysql"
	return map[virtualKey]virtualRows{
		{my, "user"}:             userRows,
		{my, "db"}:               databaseGrantRows,
		{my, "tables_priv"}:      tableGrantRows,
		{my, "columns_priv"}:     columnGrantRows,
		{my, "procs_priv"}:       routineGrantRows,
		{my, "proxies_priv"}:     proxyRows,
		{my, "role_edges"}:       roleEdgeRows,
		{my, "default_roles"}:    defaultRoleRows,
		{my, "global_grants"}:    globalGrantRows,
		{my, "password_history"}: oldPasswordRows,

		{is, "user_privileges"}:                   privilegeRows,
		{is, "schema_privileges"}:                 schemaPrivilegeRows,
		{is, "table_privileges"}:                  tablePrivilegeRows,
		{is, "column_privileges"}:                 columnPrivilegeRows,
		{is, "applicable_roles"}:                  applicableRoleRows(false),
		{is, "administrable_role_authorizations"}: applicableRoleRows(true),
		{is, "enabled_roles"}:                     enabledRoleRows,
		{is, "role_table_grants"}:                 roleTableGrantRows,
		{is, "role_column_grants"}:                roleColumnGrantRows,
		{is, "role_routine_grants"}:               roleRoutineGrantRows,
		{is, "user_attributes"}:                   userAttributeRows,
	}
}
