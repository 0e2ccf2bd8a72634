using System.Collections.Generic;
using UnityEngine;

namespace Rigcast
{
    /// <summary>
    /// Where a Humanoid's transforms rest: the T-pose that its avatar keeps, whatever the Animator does at the moment.
    /// Transforms that the avatar does not name rest where they are.
    /// </summary>
    readonly struct TPose
    {
        readonly Transform _root;
        readonly Dictionary<string, SkeletonBone> _bones;

        public TPose(Animator animator)
        {
            _root = animator.transform;
            _bones = new Dictionary<string, SkeletonBone>();
            var skeleton = animator.avatar == null ? null : animator.avatar.humanDescription.skeleton;
            if (skeleton == null) return;
            foreach (var bone in skeleton) _bones[bone.name] = bone;
        }

        public Quaternion LocalOf(Transform transform)
        {
            SkeletonBone bone;
            return _bones.TryGetValue(transform.name, out bone) ? bone.rotation : transform.localRotation;
        }

        public Vector3 PositionOf(Transform transform)
        {
            SkeletonBone bone;
            return _bones.TryGetValue(transform.name, out bone) ? bone.position : transform.localPosition;
        }

        /// <summary>The rotation of a transform's parent in the character's space.</summary>
        public Quaternion ParentOf(Transform transform)
        {
            var rotation = Quaternion.identity;
            for (var up = transform.parent; up != null && up != _root; up = up.parent) rotation = LocalOf(up) * rotation;
            return rotation;
        }
    }
}
