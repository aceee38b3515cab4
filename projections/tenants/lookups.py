"""Looking up a key or a host name before any tenant is known: functions that see one log's rows."""

PLATFORM_LOG = "00000000-0000-4000-8000-000000000001"
"""The reserved tenant in whose log tenants stand; a test holds it to the application's."""

_DIRECTORY = """
GRANT SELECT ON read_models.{table} TO defter_directory;
CREATE POLICY directory ON read_models.{table} FOR SELECT TO defter_directory
    USING (tenant_id = '{platform}');
"""

_KEY_BY_HASH = f"""
CREATE OR REPLACE FUNCTION read_models.key_by_hash_v2(key_hash text)
RETURNS TABLE (tenant uuid, slug text, test boolean, key_id text, kind text, staff_id text,
    scopes text[], networks text[], expires_at timestamptz, revoked_at timestamptz,
    suspended boolean, staff_suspended boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT key.tenant, tenant.slug, tenant.test, key.key_id, key.kind, key.staff_id,
        string_to_array(key.scopes, ' '), string_to_array(key.networks, ' '),
        key.expires_at, key.revoked_at, tenant.suspended, coalesce(staff.suspended, false)
    FROM read_models.tenant_keys_v2 key
    JOIN read_models.tenants_v2 tenant
      ON tenant.tenant_id = key.tenant_id AND tenant.tenant = key.tenant
    LEFT JOIN read_models.tenant_staff_v2 staff
      ON staff.tenant_id = key.tenant_id AND staff.tenant = key.tenant
      AND staff.staff_id = key.staff_id
    WHERE key.tenant_id = '{PLATFORM_LOG}' AND key.key_hash = key_by_hash_v2.key_hash
$$
"""  # noqa: S608 - a constant of this file

_TENANT_BY_DOMAIN = f"""
CREATE OR REPLACE FUNCTION read_models.tenant_by_domain_v2(host text)
RETURNS TABLE (tenant uuid, slug text, test boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT domain.tenant, tenant.slug, tenant.test
    FROM read_models.tenant_domains_v2 domain
    JOIN read_models.tenants_v2 tenant
      ON tenant.tenant_id = domain.tenant_id AND tenant.tenant = domain.tenant
    WHERE domain.tenant_id = '{PLATFORM_LOG}' AND domain.domain = tenant_by_domain_v2.host
$$
"""  # noqa: S608 - as above

LOOKUP_DDL = (
    *(
        _DIRECTORY.format(table=table, platform=PLATFORM_LOG)
        for table in ("tenants_v2", "tenant_keys_v2", "tenant_staff_v2", "tenant_domains_v2")
    ),
    _KEY_BY_HASH,
    _TENANT_BY_DOMAIN,
)

LOOKUPS = ("read_models.key_by_hash_v2(text)", "read_models.tenant_by_domain_v2(text)")
