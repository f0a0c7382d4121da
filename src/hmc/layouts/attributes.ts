/**
 * Attribute names that `lssyscfg -r lpar`, `-r sys` and `lssysconn` print. Newer levels add to them, so the list
 * decides nothing alone: it tells a header line from a row of data, and a whole name from a broken one.
 * Source: IBM Power Systems HMC commands (lssyscfg, lssysconn), V7 to V11.
 */
const known = new Set(
  `name lpar_name lpar_id lpar_env state resource_config os os_version logical_serial_num default_profile curr_profile
  work_group_id shared_proc_pool_util_auth allow_perf_collection power_ctrl_lpar_ids boot_mode ipl_source
  lpar_keylock auto_start redundant_err_path_reporting rmc_state rmc_ipaddr rmc_osshutdown_capable
  dlpar_mem_capable dlpar_proc_capable dlpar_io_capable sync_curr_profile uuid lpar_avail_priority msp
  desired_lpar_proc_compat_mode curr_lpar_proc_compat_mode simplified_remote_restart_capable remote_restart_capable
  suspend_capable affinity_group_id time_ref vtpm_enabled migr_storage_vios_data_status virtual_serial_num
  migr_storage_vios_data_timestamp description keystore_kbytes pend_secure_boot curr_secure_boot
  powervm_mgmt_capable power_on_slots migration_state lpar_role type_model serial_num ipaddr sp_type state_detail
  detailed_state sys_time power_off_policy max_lpars max_power_ctrl_lpars service_lpar_id lpar_proc_compat_modes
  curr_sys_keylock pend_sys_keylock curr_power_on_side pend_power_on_side curr_power_on_speed pend_power_on_speed
  power_on_type power_on_option pend_power_on_option power_on_method power_on_attr sp_boot_attr sp_version
  sp_boot_major_type sp_boot_minor_type mfg_default_config cluster_serial_num assign_5250_cpw_percent
  type_model_serial_num resource_type sp sp_phys_loc alt_ipaddr connection_error_code sys_type mtms`.split(
    /\s+/,
  ),
);

const shape = /^(?=[0-9_]*[a-z])[a-z0-9]+(?:_[a-z0-9]+)*$/;

/** Tells whether a word may be an attribute's name: lower case, digits and underscores. */
export function isAttributeName(word: string): boolean {
  return shape.test(word);
}

/** Tells whether the HMC commands document this attribute. */
export function isKnownAttribute(word: string): boolean {
  return known.has(word) || (isAttributeName(word) && /_(?:capable|supported)$/.test(word));
}

const forms: Readonly<Record<string, RegExp>> = {
  lpar_id: /^\d+$/,
  lpar_env: /^[a-z0-9]+$/,
  rmc_state: /^\S*$/,
  rmc_ipaddr: /^[0-9a-fA-F:.%]*$/,
  ipaddr: /^(?:[0-9a-fA-F:.%,]*|unavailable)$/,
  type_model: /^(?:\S{4}-\S{3}|unavailable)$/,
  serial_num: /^\S*$/,
  uuid: /^[0-9A-Fa-f-]*$/,
};

/** Tells a value that a rejoined record cannot have, because it was put together from two that have nothing in common. */
export function isPossibleValue(attribute: string, value: string): boolean {
  if (/_capable$/.test(attribute)) return /^(?:\d*|null|unavailable)$/.test(value);
  return forms[attribute]?.test(value) ?? true;
}
