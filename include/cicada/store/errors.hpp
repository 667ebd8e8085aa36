#pragma once

/// What goes wrong with a store of durable jobs.
///
/// A store throws one type, `store_error`, which says what kind of trouble it is, where, and what
/// mends it. Lack of memory is std::bad_alloc, as everywhere.
///
///     try {
///         store = co_await cicada::open_store("sqlite:reports.db");
///     } catch (const cicada::store_error& e) {
///         if (e.fault() == cicada::store_fault::owned_by_another) return already_running();
///         throw;
///     }

#include <cstdint>
#include <string>
#include <string_view>

#include <cicada/base/error.hpp>

namespace cicada {

enum class store_fault : std::uint8_t {
    // What was asked was not done, and may be asked again:
    unreachable, // there is no such place, or nobody answers there
    busy, // another program holds a lock on it
    timed_out, // a question took longer than a question may take
    failed, // the device, or the store's own work
    full, // no space is left
    too_large, // a value is larger than the store takes
    // It was done or not: nobody knows until a later commit has succeeded, or it is opened anew.
    unknown_outcome,
    // It works, but somebody should look after it:
    log_held, // a program reads in one transaction for so long that the log of a file grows
    // Until somebody mends it, nothing will be done:
    read_only,
    no_rights,
    corrupt,
    not_a_store, // a folder, or a file of something else
    too_new, // written by a later version of cicada
    owned_by_another, // another process, or another store of this one
    network_file_system, // locks and shared memory do not hold there
    bad_url,
};

/// "unreachable", "unknown_outcome", ...
CICADA_API std::string_view to_string(store_fault what) noexcept;

/// `cicada: "jobs.db" is owned by process 1234: one process owns a SQLite store, so stop that one`
class CICADA_API store_error : public error {
public:
    /// The text is `cicada: "<place>" <what>: <mend>`.
    store_error(store_fault fault, std::string place, std::string_view what, std::string_view mend);

    store_fault fault() const noexcept { return fault_; }
    /// The file, or the URL.
    const std::string& place() const noexcept { return place_; }

private:
    store_fault fault_;
    std::string place_;
};

} // namespace cicada
