# find_package(cicada) gives the target cicada::cicada, and looks for threads only.
#
# A component <name> gives cicada::<name>, and looks for what that needs. Where both libraries are
# installed, the component static or shared chooses; without one BUILD_SHARED_LIBS does, and without
# that the static library is taken.

if(POLICY CMP0167) # Boost's own package, not the FindBoost that CMake 3.30 gave up
    cmake_policy(SET CMP0167 NEW)
endif()
include(CMakeFindDependencyMacro)
find_dependency(Threads)

set(_cicada_kinds static shared)
if(BUILD_SHARED_LIBS)
    set(_cicada_kinds shared static)
endif()
set(_cicada_components ${cicada_FIND_COMPONENTS})
list(FILTER _cicada_components EXCLUDE REGEX "^(static|shared)$")
set(_cicada_chosen ${cicada_FIND_COMPONENTS})
list(FILTER _cicada_chosen INCLUDE REGEX "^(static|shared)$")
if(_cicada_chosen)
    set(_cicada_kinds ${_cicada_chosen})
endif()

set(cicada_FOUND FALSE)
foreach(_cicada_kind IN LISTS _cicada_kinds)
    if(NOT cicada_FOUND AND EXISTS ${CMAKE_CURRENT_LIST_DIR}/cicada-${_cicada_kind}-targets.cmake)
        include(${CMAKE_CURRENT_LIST_DIR}/cicada-${_cicada_kind}-targets.cmake)
        set(_cicada_found_kind ${_cicada_kind})
        set(cicada_FOUND TRUE)
    endif()
endforeach()
if(NOT cicada_FOUND)
    set(cicada_NOT_FOUND_MESSAGE "None of these is installed: ${_cicada_kinds}")
    return()
endif()

foreach(_cicada_component IN LISTS _cicada_components)
    set(cicada_NOT_FOUND_MESSAGE
        "The component ${_cicada_component} is not installed (${_cicada_found_kind})")
    include(${CMAKE_CURRENT_LIST_DIR}/cicada-${_cicada_component}-${_cicada_found_kind}.cmake
        OPTIONAL)
    if(TARGET cicada::${_cicada_component})
        set(cicada_${_cicada_component}_FOUND TRUE)
    else()
        set(cicada_${_cicada_component}_FOUND FALSE)
        if(cicada_FIND_REQUIRED_${_cicada_component})
            set(cicada_FOUND FALSE)
            return()
        endif()
    endif()
endforeach()
unset(cicada_NOT_FOUND_MESSAGE)
