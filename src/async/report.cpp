#include <async/report.hpp>

#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <typeinfo>

namespace cicada::detail {

std::string describe(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        const char* mangled = abi::__cxa_current_exception_type()->name();
        int status = 0;
        const std::unique_ptr<char, void (*)(void*)> name(
            abi::__cxa_demangle(mangled, nullptr, nullptr, &status), std::free);
        return std::string("it threw a value of type ") + (status == 0 ? name.get() : mangled);
    }
}

void report_to_stderr(std::string_view task, const std::exception_ptr& error) noexcept {
    const int length = static_cast<int>(task.size());
    try {
        const std::string what = describe(error);
        if (task.empty()) {
            std::fprintf(stderr, "cicada: an unnamed task failed: %s\n", what.c_str());
        } else {
            std::fprintf(stderr, "cicada: task '%.*s' failed: %s\n", length, task.data(),
                         what.c_str());
        }
    } catch (...) {
        std::fprintf(stderr, "cicada: task '%.*s' failed, and there is no memory to say how\n",
                     length, task.data());
    }
}

} // namespace cicada::detail
