// BuildProject
