#pragma once

#include <store/rows.hpp>

namespace cicada::detail {

/// None, as yet: it stays what it is.
run_change change_of(const run_row& row);
/// The run as the change makes it, but for what the store gives: fence, node, claim, ended_at.
void apply_change(const run_change& change, run_record& to);

} // namespace cicada::detail
