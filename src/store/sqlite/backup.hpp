#pragma once

/// Copies of a store, whole or not at all: they are made under the name `<to>.partial`, checked,
/// and then get their name.

#include <string>

namespace cicada::detail {

/// Copies what is committed, also while the store is in use. Replaces `to`, unless that is the
/// database itself or a store in use.
/// Blocks:   for as long as it takes to write; nobody who writes to `from` has to wait,
///           but its log grows meanwhile.
/// Errors:   also full and corrupt; `to` is as it was.
void backup(const std::string& from, const std::string& to, const char* vfs = nullptr);

/// Puts a copy in the place of a store that no one has open. `from` may itself have a log.
/// Errors:   owned_by_another, not_a_store, corrupt, ...; `to` is as it was.
void restore(const std::string& from, const std::string& to);

} // namespace cicada::detail
