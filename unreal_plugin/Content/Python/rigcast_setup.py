"""Points the MetaHumans that are selected in the level at Rigcast's Live Link subjects.

In the editor's Python console, after selecting the character in the level:

    import rigcast_setup
    rigcast_setup.follow("Rigcast")

It sets the variables in the Live Link section of the MetaHuman's Blueprint, and prints what it set and what it did not
find: names differ between MetaHuman versions. Nothing is saved.
"""

try:
    import unreal
except ImportError:  # outside the editor, where only the tests read this
    unreal = None

# Names of the Blueprint's variables, in the order in which they are tried.
FACE_SUBJECT = ("ARKit Face Subj", "ARKitFaceSubj", "LLink_Face_Subj", "LLinkFaceSubj")
FACE_SWITCH = ("Use ARKit Face", "UseARKitFace", "UseARKit")
BODY_SUBJECT = ("Live Link Body Subj", "LiveLinkBodySubj", "LLink_Body_Subj", "LLinkBodySubj")
BODY_SWITCH = ("Use Live Link Body", "UseLiveLinkBody", "UseLiveLink")
# The body subject moves neck and head already, so the face must not turn them again.
HEAD_SWITCH = ("LLink_Face_Head", "LLinkFaceHead", "ARKit Face Head")


def set_first(actor, names, value):
    """Set the first of these variables that the actor has; its name, or None."""
    for name in names:
        try:
            actor.set_editor_property(name, value)
        except Exception:  # the editor raises a plain Exception for a name that is none
            continue
        return name
    return None


def subject(name):
    """A Live Link subject's name, as Blueprints hold it."""
    value = unreal.LiveLinkSubjectName()
    value.set_editor_property("name", name)
    return value


def follow(name="Rigcast", actors=None):
    """Point actors (the selected ones) at the subjects NAME_Face and NAME_Body. Returns what was set, by actor."""
    if actors is None:
        actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_selected_level_actors()
    if not actors:
        print("Rigcast: select a MetaHuman in the level first.")
    report = {}
    for actor in actors:
        wishes = (
            ("face subject", FACE_SUBJECT, subject(name + "_Face")),
            ("face switch", FACE_SWITCH, True),
            ("body subject", BODY_SUBJECT, subject(name + "_Body")),
            ("body switch", BODY_SWITCH, True),
            ("head from the face", HEAD_SWITCH, False),
        )
        report[actor.get_name()] = {what: set_first(actor, names, value) for what, names, value in wishes}
        for what, found in report[actor.get_name()].items():
            print(f"Rigcast: {actor.get_name()}: {what}: {found or 'not found, set it by hand'}")
    return report
