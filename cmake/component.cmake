# Components: what is optional in cicada, each a target and a library of its own.
#
#   cicada_component(<name> <what it is for>
#       [HEADERS <file or folder>...]     below include/cicada
#       [SOURCES <file or folder>...]     below src; none: headers only
#       [COMPONENTS <component>...]       others that it builds upon
#       [PACKAGE <name> [<version>]]      what find_package() finds,
#       [TARGETS <target>...]             and what of it is linked
#       [MODULES <module>...]             what pkg-config finds
#       [ASKS_FOR <symbol>]               of it, which others know only weakly: it is linked, though
#                                         nothing else of it is named
#       [PRIVATE]                         its headers show nothing of PACKAGE and MODULES
#       [TESTS <word>...])                what names its tests, beside <name>
#
# Where the option CICADA_<NAME> is on this makes the target cicada::<name>, with its rules for
# installation, for find_package(cicada COMPONENTS <name>), and for pkg-config. That knows modules
# only: what needs a PACKAGE, or a component that does, has no cicada-<name>.pc.

set(cicada_components "")       # those that are built
set(cicada_known_components "") # all
set(cicada_pc_components "")    # those that pkg-config finds
set(cicada_component_headers "")
set(cicada_component_sources "")

# cicada_library(<target>): what our compiled libraries have in common.
function(cicada_library target)
    set_target_properties(${target} PROPERTIES
        CXX_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON
        DEFINE_SYMBOL "" # nothing asks for it: one object file fits either kind of library
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
        # A program that is linked statically, with --gc-sections, takes only what it uses.
        target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
    endif()
    if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
        # Without the map, templates of the standard library that we instantiate would be exported.
        set(map ${PROJECT_SOURCE_DIR}/cmake/cicada.map)
        target_link_options(${target} PRIVATE LINKER:--version-script=${map})
        set_target_properties(${target} PROPERTIES LINK_DEPENDS ${map})
    endif()
    cicada_developer(${target})
endfunction()

# cicada_files(<variable> <root> <pattern> <file or folder>...): the files, also those in folders.
function(cicada_files variable root pattern)
    set(all "")
    foreach(entry IN LISTS ARGN)
        if(IS_DIRECTORY ${root}/${entry})
            file(GLOB_RECURSE files CONFIGURE_DEPENDS ${root}/${entry}/${pattern})
            list(APPEND all ${files})
        elseif(EXISTS ${root}/${entry})
            list(APPEND all ${root}/${entry})
        else()
            message(FATAL_ERROR "A component names ${entry}, which is not in ${root}")
        endif()
    endforeach()
    set(${variable} ${all} PARENT_SCOPE)
endfunction()

function(cicada_component name purpose)
    cmake_parse_arguments(PARSE_ARGV 2 its "PRIVATE" "ASKS_FOR"
        "HEADERS;SOURCES;COMPONENTS;PACKAGE;TARGETS;MODULES;TESTS")
    if(its_UNPARSED_ARGUMENTS OR its_KEYWORDS_MISSING_VALUES)
        message(FATAL_ERROR "cicada_component(${name}): see cmake/component.cmake")
    endif()
    string(TOUPPER ${name} upper)
    option(CICADA_${upper} "The target cicada::${name}, ${purpose}" OFF)
    cicada_files(headers ${PROJECT_SOURCE_DIR}/include/cicada *.hpp ${its_HEADERS})
    cicada_files(sources ${PROJECT_SOURCE_DIR}/src *.cpp ${its_SOURCES})

    # Whether it is built or not, none of it belongs to the core.
    set(cicada_known_components ${cicada_known_components} ${name} PARENT_SCOPE)
    set(cicada_${name}_tests ${name} ${its_TESTS} PARENT_SCOPE)
    set(cicada_component_headers ${cicada_component_headers} ${headers} PARENT_SCOPE)
    set(cicada_component_sources ${cicada_component_sources} ${sources} PARENT_SCOPE)
    if(NOT CICADA_${upper})
        return()
    endif()
    set(cicada_components ${cicada_components} ${name} PARENT_SCOPE)

    set(target cicada_${name})
    set(seen INTERFACE) # who gets to see what it needs
    if(NOT sources)
        add_library(${target} INTERFACE)
    else()
        add_library(${target} ${sources})
        cicada_library(${target})
        set_target_properties(${target} PROPERTIES INSTALL_RPATH $ORIGIN) # the others lie beside it
        set(seen PUBLIC)
    endif()
    add_library(cicada::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    target_link_libraries(${target} ${seen} cicada)
    foreach(other IN LISTS its_COMPONENTS)
        if(NOT other IN_LIST cicada_components)
            string(TOUPPER ${other} needed)
            message(FATAL_ERROR "CICADA_${upper} needs CICADA_${needed}")
        endif()
        target_link_libraries(${target} ${seen} cicada_${other})
    endforeach()

    if(its_ASKS_FOR AND cicada_kind STREQUAL "static")
        target_link_options(${target} INTERFACE LINKER:-u,${its_ASKS_FOR})
    elseif(its_ASKS_FOR) # by -u alone a linker does not see that it needs a shared library
        set(file $<TARGET_FILE:$<TARGET_NAME:${target}>>)
        target_link_options(${target} INTERFACE
            LINKER:--push-state,--no-as-needed,${file},--pop-state)
    endif()

    if(its_PRIVATE)
        set(seen PRIVATE)
    endif()
    if(its_PACKAGE)
        find_package(${its_PACKAGE} REQUIRED)
        target_link_libraries(${target} ${seen} ${its_TARGETS})
    endif()
    if(its_MODULES)
        # Global, for it is named in the link interface, wherever that is used.
        find_package(PkgConfig REQUIRED)
        pkg_check_modules(${target}_needs REQUIRED IMPORTED_TARGET GLOBAL ${its_MODULES})
        target_link_libraries(${target} ${seen} PkgConfig::${target}_needs)
    endif()
    if(CICADA_INSTALL)
        cicada_install_component()
    endif()
endfunction()

# Of the component that is being made. A user of a shared library need not have what it hides.
macro(cicada_install_component)
    foreach(header IN LISTS headers)
        cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/include)
        cmake_path(GET header PARENT_PATH folder)
        install(FILES ${PROJECT_SOURCE_DIR}/include/${header}
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder})
    endforeach()
    install(TARGETS ${target} EXPORT ${target})
    set(file cicada-${name}-${cicada_kind})
    install(EXPORT ${target} NAMESPACE cicada:: DESTINATION ${cicada_package_dir}
        FILE ${file}-targets.cmake)

    set(package "")
    set(modules "")
    if(NOT its_PRIVATE OR cicada_kind STREQUAL "static")
        set(package "${its_PACKAGE}")
        set(modules "${its_MODULES}")
    endif()
    configure_file(${PROJECT_SOURCE_DIR}/cmake/cicada-component.cmake.in ${file}.cmake @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${file}.cmake DESTINATION ${cicada_package_dir})
    set(unknown_to_pc ${its_COMPONENTS})
    list(REMOVE_ITEM unknown_to_pc ${cicada_pc_components})
    if(NOT its_PACKAGE AND NOT unknown_to_pc)
        set(cicada_pc_components ${cicada_pc_components} ${name} PARENT_SCOPE)
        set(requires ${its_COMPONENTS})
        list(TRANSFORM requires PREPEND cicada-)
        list(TRANSFORM modules REPLACE "[<>=]+" " \\0 ")
        list(APPEND requires "cicada = ${PROJECT_VERSION}" ${modules})
        set(libraries "")
        if(sources)
            set(libraries " -l${target}")
        endif()
        if(its_ASKS_FOR AND cicada_kind STREQUAL "static")
            string(PREPEND libraries " -Wl,-u,${its_ASKS_FOR}")
        elseif(its_ASKS_FOR)
            set(libraries " -Wl,--push-state,--no-as-needed,-l${target},--pop-state")
        endif()
        cicada_install_pc(cicada-${name} "cicada ${purpose}" "${requires}" "${libraries}")
    endif()
endmacro()
