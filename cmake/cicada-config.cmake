# find_package(cicada) gives the target cicada::cicada.
#
# Where both libraries are installed, a component chooses (find_package(cicada COMPONENTS static),
# or shared); without one BUILD_SHARED_LIBS does, and without that the static library is taken.

include(CMakeFindDependencyMacro)
find_dependency(Threads)

set(_cicada_kinds static shared)
if(BUILD_SHARED_LIBS)
    set(_cicada_kinds shared static)
endif()
if(cicada_FIND_COMPONENTS)
    set(_cicada_kinds ${cicada_FIND_COMPONENTS})
endif()

set(cicada_FOUND FALSE)
foreach(_cicada_kind IN LISTS _cicada_kinds)
    if(NOT cicada_FOUND AND EXISTS ${CMAKE_CURRENT_LIST_DIR}/cicada-${_cicada_kind}-targets.cmake)
        include(${CMAKE_CURRENT_LIST_DIR}/cicada-${_cicada_kind}-targets.cmake)
        set(cicada_FOUND TRUE)
    endif()
endforeach()
if(NOT cicada_FOUND)
    set(cicada_NOT_FOUND_MESSAGE "None of these is installed: ${_cicada_kinds}")
endif()
